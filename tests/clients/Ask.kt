/** Answers the inputs of a file in JSON, `[{"folder", "texts"}]`, with the client of docs/clients. */

import java.io.File
import org.json.JSONArray
import org.json.JSONObject

fun String.lowercase(locale: java.util.Locale): String = toLowerCase(locale)
fun String.uppercase(locale: java.util.Locale): String = toUpperCase(locale)

fun main(given: Array<String>) {
    val asked = JSONArray(File(given[0]).readText())
    val answers = JSONArray()
    for (at in 0 until asked.length()) {
        val folder = File(asked.getJSONObject(at).getString("folder"))
        val texts = asked.getJSONObject(at).getJSONArray("texts")
        val client = Client(folder)
        val tags = JSONObject(File(folder, "bundle.json").readText()).getString("task") == "token_tagger"
        val found = List(texts.length()) { place ->
            val text = texts.getString(place)
            if (tags) JSONArray(client.tag(text).map { JSONArray(listOf(it.type, text.substring(it.start, it.end))) })
            else JSONArray(client.classify(text).map { JSONArray(listOf(it.first, it.second.toDouble())) })
        }
        answers.put(JSONArray(found))
    }
    println(answers.toString())
    System.exit(0)
}
