/** LiteRT's interpreter in a Python process, for running docs/clients on a plain JVM, and what older Kotlin lacks. */

package org.tensorflow.lite

import java.io.File
import org.json.JSONArray
import org.json.JSONObject

class Interpreter(model: File) {
    private val process = ProcessBuilder(System.getenv("RNNKIT_PYTHON"), System.getenv("RNNKIT_ASKED"), model.path)
        .redirectError(ProcessBuilder.Redirect.INHERIT).start()
    private val reader = process.inputStream.bufferedReader()
    private val writer = process.outputStream.bufferedWriter()
    val signatureKeys: Array<String> = JSONArray(reader.readLine()).let { keys -> Array(keys.length()) { keys.getString(it) } }

    fun runSignature(inputs: Map<String, Any>, outputs: Map<String, Any>, signatureKey: String) {
        val given = JSONObject(inputs.mapValues { (_, value) -> json(value) })
        writer.write(JSONObject(mapOf("signature" to signatureKey, "inputs" to given)).toString() + "\n")
        writer.flush()
        val made = JSONObject(reader.readLine())
        for ((name, value) in outputs) {
            val row = made.getJSONArray(name).getJSONArray(0)
            when (val into = (value as Array<*>)[0]) {
                is IntArray -> { require(into.size == row.length()); for (at in into.indices) into[at] = row.getInt(at) }
                is FloatArray -> { require(into.size == row.length()); for (at in into.indices) into[at] = row.getDouble(at).toFloat() }
                else -> error("an output of another kind")
            }
        }
    }

    private fun json(value: Any?): Any = when (value) {
        is Array<*> -> JSONArray(value.map { json(it) })
        is IntArray -> JSONArray(value.toList())
        else -> error("an input of another kind")
    }
}
