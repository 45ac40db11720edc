/// Texts to numbers, as "Reading text" in docs/bundle_format.md says; reading.js in Swift. Not tried on a device.

import Foundation

private let M = #"\p{M}\u00AD\u200C\u200D"#
private let W = #"\p{L}\p{N}_\#(M)"#
private let B = #"\s\p{Z}\p{Cc}\p{Cf}"#
private let Q = #"'\u2018\u2019\u201B\u02BB\u02BC\u00B4\u0060\u2032\u05F3\uFF07"#
private let H =
    #"\u2E80-\u2FDF\u3005-\u3007\u3040-\u30FF\u3400-\u4DBF\u4E00-\u9FFF\uF900-\uFAFF\uD840\uDC00-\uD8BF\uDFFF"#
private let X = #"[[\#(W)]&&[^\#(H)\#(Q)]]"#
private let L = #"[[\p{L}\p{Nl}\p{No}\#(M)]&&[^\#(H)\#(Q)]]"#
private let S = #"(?:[sdmSDM\u017F]|[rR][eE]|[vV][eE]|[lL]{2})(?![\#(W)])"#
private let C = #"A-Z\u00C0-\u00D6\u00D8-\u00DE"#
private let LINK = #"(?:https?:\/\/|www\.)[[^\#(B)<>"]\#(M)]*[\#(W)\/]"#
private let MAIL = #"(?<![\#(W).+\-])[\#(W).+\-]+@[\#(W)\-]+(?:\.[\#(W)\-]+)+"#
private let END = #"(?<=[\#(W).])[\#(Q)]\#(S)"#
private let INITIAL = #"(?<![\#(W).])(?!I)[\#(C)]\.(?=[[\#(B)]&&[^\#(M)]]{1,3}[\#(C)])"#
private let DOTTED =
    #"(?<![\#(W).])(?:\#(L)\.){2,}(?!\#(X))|(?<![\#(W).])(?:\#(L)\.)+\#(L)(?!\#(X))|(?<![\#(W).])\.\p{Nd}+"#
private let INNER = #"-|[\#(Q)](?!\#(S))|(?<=\p{Nd})[.,:\/](?=\p{Nd})|(?<=\#(L))\.(?=[a-z])|(?<=\#(L))&(?=\#(L))"#
private let WORD = #"(?:\#(DOTTED)|\#(X)+)(?:(?:\#(INNER))\#(X)+)*"#
private let TOKEN =
    #"\#(LINK)|\#(MAIL)|[\#(H)][\#(M)]*|\#(END)|\#(INITIAL)|\#(WORD)|\.{2,}|-{2,}|[[^\#(B)]\#(M)][\#(M)]*"#
private let V = #"\p{L}\p{N}\p{Mn}\p{Mc}_"#
private let KEPT = ["words": #"[\#(V)]+(?:'[\#(V)]+)*"#, "unicode": #"[\p{L}\p{N}_']+"#, "ascii": #"[A-Za-z0-9_']+"#]
private let QUOTE = #"[\u02BB\u02BC]|(?<=[\#(V)])[\#(Q)](?=[\#(V)])"#
private let F = #"\u00AD\u034F\u061C\u200C-\u200F\u202A-\u202E\u2060-\u2064\u2066-\u206F\uFE00-\uFE0F\uFEFF"#
private let SILENT = #"[\#(F)\uDB40\uDC00-\uDB43\uDFFF]"#

func canonical(_ text: String) -> String {
  let seen = replaced(text, SILENT, "").replacingOccurrences(of: "\u{200B}", with: " ", options: .literal)
  return replaced(seen.precomposedStringWithCanonicalMapping, QUOTE, "'")
}

private func ranges(_ text: String, _ pattern: String) -> [NSRange] {
  let expression = try! NSRegularExpression(pattern: pattern)
  return expression.matches(in: text, range: NSRange(location: 0, length: text.utf16.count)).map { $0.range }
}

private func replaced(_ text: String, _ pattern: String, _ by: String) -> String {
  let made = NSMutableString(string: text)
  for range in ranges(text, pattern).reversed() { made.replaceCharacters(in: range, with: by) }
  return made as String
}

/// The words of a text, for a classifier.
func wordsOf(_ text: String, _ delimiters: String) -> [String] {
  let read = String(text.unicodeScalars.prefix { $0.value != 0 })
  let spelt = delimiters == "words" ? canonical(read) : read
  return ranges(spelt, KEPT[delimiters]!).map { fold((spelt as NSString).substring(with: $0)) }
}

private func fold(_ word: String) -> String {
  let lower = (word as NSString).lowercased
  let letters = signsOf(lower)
  let first = letters.firstIndex { scalars(($0 as NSString).uppercased) != scalars($0) }
  let capitalised = letters.enumerated().map { $0 == first ? ($1 as NSString).uppercased : $1 }.joined()
  let forms = [scalars(capitalised), scalars((lower as NSString).uppercased)]
  return forms.contains(scalars(word)) ? lower : word
}

/// The tokens of a sentence, for a tagger, with their places.
func tokensOf(_ text: String) -> [(token: String, range: NSRange)] {
  return ranges(text, TOKEN).map { ((text as NSString).substring(with: $0), $0) }
}

private func signsOf(_ text: String) -> [String] { return text.unicodeScalars.map { String($0) } }

/// What vocabularies compare words by: to Swift, an accent of its own and one in the letter are equal.
func scalars(_ word: String) -> [UInt32] { return word.unicodeScalars.map { $0.value } }

func casing(_ letters: [Unicode.Scalar]) -> Int32 {
  let digits = letters.filter { $0.properties.generalCategory == .decimalNumber }.count
  let lower = letters.filter { $0.properties.isLowercase }.count
  let upper = letters.filter { $0.properties.isUppercase }.count
  let title = letters.filter { $0.properties.generalCategory == .titlecaseLetter }.count
  if digits > 0 && digits == letters.count { return 2 }
  if digits > 1 && digits * 2 >= letters.count { return 3 }
  if digits > 0 { return 7 }
  if lower > 0 && upper + title == 0 { return 4 }
  if upper > 0 && lower + title == 0 { return 5 }
  return letters.first.map { $0.properties.isUppercase } == true ? 6 : 1
}

/// A token's ids of word, casing and letters, of which there are `most`.
func featuresOf(_ token: String, _ words: [[UInt32]: Int32], _ letters: [[UInt32]: Int32], _ most: Int)
  -> (word: Int32, casing: Int32, letters: [Int32]) {
  let spelt = token.utf8.allSatisfy { $0 < 0x80 } ? token : canonical(token)
  let (now, before) = (numbersOf(spelt, letters, most), numbersOf(token, letters, most))
  let odd = signsOf(token).contains { letters[scalars($0)] != nil && scalars(canonical($0)) != scalars($0) }
  let older = now.contains(2) || odd
  return (
    idOf(words, words[scalars(zeroed(token))] != nil ? zeroed(token) : zeroed(spelt)),
    casing(Array(canonical(token).unicodeScalars)),
    older && !before.contains(2) ? before : now
  )
}

private func zeroed(_ word: String) -> String { return replaced((word as NSString).lowercased, #"\p{Nd}"#, "0") }

private func numbersOf(_ word: String, _ letters: [[UInt32]: Int32], _ most: Int) -> [Int32] {
  let signs = signsOf(word)
  let half = most >> 1
  let read = signs.count <= most ? signs : Array(signs.prefix(most - half) + signs.suffix(half))
  return read.map { idOf(letters, $0) } + Array(repeating: 0, count: most - read.count)
}

/// The id of a word in a vocabulary; 2 where it is not listed.
func idOf(_ ids: [[UInt32]: Int32], _ word: String) -> Int32 { return max(ids[scalars(word)] ?? 2, 2) }
