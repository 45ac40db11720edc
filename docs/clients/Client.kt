/** Labels texts and tags sentences with a bundle of rnnkit, on LiteRT; client.js in Kotlin. Not tried on a device. */

import java.io.File
import java.security.MessageDigest
import org.json.JSONObject
import org.tensorflow.lite.Interpreter // com.google.ai.edge.litert:litert

class Entity(val type: String, val start: Int, var end: Int)

/** Opens the bundle in a folder. */
class Client(private val folder: File) {
    private val said = JSONObject(File(folder, "bundle.json").readText())
    init {
        val named = said.getString("format") == "rnnkit-bundle" && said.getInt("format_version") == 1
        val known = named && !said.getBoolean("resets_state")
        val tokenizer = said.optJSONObject("tokenizer")?.optString("type")
        val ours = said.getString("task") == "token_tagger" || tokenizer == "RegexTokenizer"
        require(known && ours) { "This client does not read such a bundle." }
    }
    private val most = said.getInt("max_length")
    private val labels = lines("labels")
    private val words = vocabulary("vocabulary")
    private val letters = if (said.has("characters")) vocabulary("characters") else emptyMap()
    private val interpreter = Interpreter(file("model"))

    private fun file(key: String): File {
        val name = said.getString(key)
        require('/' !in name && '\\' !in name) { "$name is not in the bundle's folder." }
        val digest = MessageDigest.getInstance("SHA-256").digest(File(folder, name).readBytes())
        val hex = digest.joinToString("") { "%02x".format(it) }
        val recorded = said.getJSONObject("sha256").getString(name)
        require(hex == recorded) { "$name is not the file that the bundle was written with." }
        return File(folder, name)
    }
    private fun lines(key: String) = file(key).readText().split("\n").filter { it != "" }
    private fun vocabulary(key: String) = lines(key).mapIndexed { id, line -> line.split(" ")[0] to id }.toMap()

    private fun run(steps: Int, given: Map<String, List<Int>>, output: String): Array<*> {
        val shaped = given.mapValues { (name, numbers) ->
            val width = if (name == "characters") said.getInt("word_length") else 1
            val data = numbers.toIntArray().copyOf(steps * width) // and 0 behind
            arrayOf(if (width == 1) data else Array(steps) { data.copyOfRange(it * width, (it + 1) * width) })
        }
        val made: Array<*> = if (output == "tags") arrayOf(IntArray(steps)) else arrayOf(FloatArray(labels.size))
        interpreter.runSignature(shaped, mapOf(output to made), interpreter.signatureKeys[0])
        return made
    }

    private fun stepsOf(length: Int) = if (said.getBoolean("fixed_length")) most else length

    /** The probability of each label of a text. */
    fun classify(given: String): List<Pair<String, Float>> {
        val found = wordsOf(given, said.getJSONObject("tokenizer").getString("delimiters")).map { idOf(words, it) }
        val ids = (listOf(1) + found).take(most)
        val made = run(stepsOf(ids.size), mapOf("ids" to ids), "probabilities")[0] as FloatArray
        return labels.mapIndexed { place, label -> label to made[place] }
    }

    /** The entities of a sentence, each from one place in it to another. */
    fun tag(sentence: String): List<Entity> {
        val found = mutableListOf<Entity>()
        var before = Pair("O", "")
        val tokens = tokensOf(sentence)
        for (part in tokens.chunked(most)) {
            val read = part.map { featuresOf(it.value, words, letters, said.getInt("word_length")) }
            val given = mapOf(
                "words" to read.map { it.word },
                "casing" to read.map { it.casing },
                "characters" to read.flatMap { it.letters }
            )
            val made = run(stepsOf(part.size), given, "tags")[0] as IntArray
            part.forEachIndexed { place, token ->
                val now = partsOf(labels[made[place]], said.getString("scheme"))
                val apart = now.first in "BSU" || before.first in "ESLU"
                val end = token.range.last + 1
                if (now.second != "" && now.second == before.second && (!apart || place == 0)) found.last().end = end
                else if (now.second != "") found.add(Entity(now.second, token.range.first, end))
                before = now
            }
        }
        return found
    }

    init {
        if (said.getString("strategy") == "padded") {
            val inputs = said.getJSONArray("inputs")
            val names = List(inputs.length()) { inputs.getJSONObject(it).getString("name") }
            val sizes = names.associateWith { most * (if (it == "characters") said.getInt("word_length") else 1) }
            val output = said.getJSONArray("outputs").getJSONObject(0).getString("name")
            run(most, sizes.mapValues { (_, size) -> List(size) { 1 } }, output)
        }
    }
}

/** Letter and type of a label: "B-LOC" is B and LOC, "O" is O and no type. */
private fun partsOf(label: String, scheme: String): Pair<String, String> {
    if (label == "O") return Pair("O", "")
    if (scheme == "plain") return Pair("S", label)
    return Pair(label.substringBefore('-'), label.substringAfter('-', "").ifEmpty { "ENTITY" })
}
