/** Texts to numbers, as "Reading text" in docs/bundle_format.md says; reading.js in Kotlin. Not tried on a device. */

import java.text.Normalizer
import java.util.Locale

private const val M = """\p{M}\u00AD\u200C\u200D"""
private const val W = """\p{L}\p{N}_${M}"""
private const val B = """\s\p{Z}\p{Cc}\p{Cf}"""
private const val Q = """'\u2018\u2019\u201B\u02BB\u02BC\u00B4\u0060\u2032\u05F3\uFF07"""
private const val H =
    """\u2E80-\u2FDF\u3005-\u3007\u3040-\u30FF\u3400-\u4DBF\u4E00-\u9FFF\uF900-\uFAFF\uD840\uDC00-\uD8BF\uDFFF"""
private const val X = """[[${W}]&&[^${H}${Q}]]"""
private const val L = """[[\p{L}\p{Nl}\p{No}${M}]&&[^${H}${Q}]]"""
private const val S = """(?:[sdmSDM\u017F]|[rR][eE]|[vV][eE]|[lL]{2})(?![${W}])"""
private const val C = """A-Z\u00C0-\u00D6\u00D8-\u00DE"""
private const val LINK = """(?:https?:\/\/|www\.)[[^${B}<>"]${M}]*[${W}\/]"""
private const val MAIL = """(?<![${W}.+\-])[${W}.+\-]+@[${W}\-]+(?:\.[${W}\-]+)+"""
private const val END = """(?<=[${W}.])[${Q}]${S}"""
private const val INITIAL = """(?<![${W}.])(?!I)[${C}]\.(?=[[${B}]&&[^${M}]]{1,3}[${C}])"""
private const val DOTTED =
    """(?<![${W}.])(?:${L}\.){2,}(?!${X})|(?<![${W}.])(?:${L}\.)+${L}(?!${X})|(?<![${W}.])\.\p{Nd}+"""
private const val INNER = """-|[${Q}](?!${S})|(?<=\p{Nd})[.,:\/](?=\p{Nd})|(?<=${L})\.(?=[a-z])|(?<=${L})&(?=${L})"""
private const val WORD = """(?:${DOTTED}|${X}+)(?:(?:${INNER})${X}+)*"""
private const val TOKEN =
    """${LINK}|${MAIL}|[${H}][${M}]*|${END}|${INITIAL}|${WORD}|\.{2,}|-{2,}|[[^${B}]${M}][${M}]*"""
private const val V = """\p{L}\p{N}\p{Mn}\p{Mc}_"""
private val KEPT = mapOf(
    "words" to """[${V}]+(?:'[${V}]+)*""",
    "unicode" to """[\p{L}\p{N}_']+""",
    "ascii" to """[A-Za-z0-9_']+"""
)
private const val QUOTE = """[\u02BB\u02BC]|(?<=[${V}])[${Q}](?=[${V}])"""
private const val F = """\u00AD\u034F\u061C\u200C-\u200F\u202A-\u202E\u2060-\u2064\u2066-\u206F\uFE00-\uFE0F\uFEFF"""
private const val SILENT = """[${F}\uDB40\uDC00-\uDB43\uDFFF]"""

fun canonical(text: String): String {
    val seen = text.replace(Regex(SILENT), "").replace("\u200B", " ")
    return Normalizer.normalize(seen, Normalizer.Form.NFC).replace(Regex(QUOTE), "'")
}

/** The words of a text, for a classifier. */
fun wordsOf(text: String, delimiters: String): List<String> {
    val read = text.substringBefore('\u0000')
    val spelt = if (delimiters == "words") canonical(read) else read
    return Regex(KEPT.getValue(delimiters)).findAll(spelt).map { fold(it.value) }.toList()
}

private fun fold(word: String): String {
    val lower = word.lowercase(Locale.ROOT)
    val letters = signsOf(lower)
    val first = letters.indexOfFirst { it.uppercase(Locale.ROOT) != it }
    val raised = letters.mapIndexed { place, letter -> if (place == first) letter.uppercase(Locale.ROOT) else letter }
    val capitalised = raised.joinToString("")
    return if (word == capitalised || word == lower.uppercase(Locale.ROOT)) lower else word
}

/** The tokens of a sentence, for a tagger, with their places. */
fun tokensOf(text: String): List<MatchResult> = Regex(TOKEN).findAll(text).toList()

private fun signsOf(text: String): List<String> = text.codePoints().toArray().map { String(Character.toChars(it)) }

fun casing(letters: List<Int>): Int {
    val (digits, lower) = Pair(letters.count(Character::isDigit), letters.count(Character::isLowerCase))
    val (upper, title) = Pair(letters.count(Character::isUpperCase), letters.count(Character::isTitleCase))
    if (digits > 0 && digits == letters.size) return 2
    if (digits > 1 && digits * 2 >= letters.size) return 3
    if (digits > 0) return 7
    if (lower > 0 && upper + title == 0) return 4
    if (upper > 0 && lower + title == 0) return 5
    return if (letters.isNotEmpty() && Character.isUpperCase(letters[0])) 6 else 1
}

class Features(val word: Int, val casing: Int, val letters: List<Int>)

/** A token's ids of word, casing and letters, of which there are `most`. */
fun featuresOf(token: String, words: Map<String, Int>, letters: Map<String, Int>, most: Int): Features {
    val spelt = if (token.all { it <= '\u007F' }) token else canonical(token)
    val (now, before) = Pair(numbersOf(spelt, letters, most), numbersOf(token, letters, most))
    val older = 2 in now || signsOf(token).any { it in letters && canonical(it) != it }
    return Features(
        idOf(words, if (zeroed(token) in words) zeroed(token) else zeroed(spelt)),
        casing(canonical(token).codePoints().toArray().toList()),
        if (older && 2 !in before) before else now
    )
}

private fun zeroed(word: String): String = word.lowercase(Locale.ROOT).replace(Regex("""\p{Nd}"""), "0")

private fun numbersOf(word: String, letters: Map<String, Int>, most: Int): List<Int> {
    val signs = signsOf(word)
    val half = most shr 1
    val read = if (signs.size <= most) signs else signs.take(most - half) + signs.takeLast(half)
    return read.map { idOf(letters, it) } + List(most - read.size) { 0 }
}

/** The id of a word in a vocabulary; 2 where it is not listed. */
fun idOf(ids: Map<String, Int>, word: String): Int = maxOf(ids[word] ?: 2, 2)
