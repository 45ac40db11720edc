/// Labels texts and tags sentences with a bundle of rnnkit, on LiteRT; client.js in Swift. Not tried on a device.

import CryptoKit
import Foundation
import TensorFlowLite  // the pod TensorFlowLiteSwift

enum BundleError: Error { case refused(String) }

/// Opens the bundle in a folder.
final class Client {
  private let said: [String: Any], most: Int, labels: [String], runner: SignatureRunner
  private let words: [[UInt32]: Int32], letters: [[UInt32]: Int32]

  init(folder: URL) throws {
    let json = try JSONSerialization.jsonObject(with: Data(contentsOf: folder.appendingPathComponent("bundle.json")))
    let said = json as! [String: Any]
    let named = said["format"] as? String == "rnnkit-bundle" && said["format_version"] as? Int == 1
    let known = named && said["resets_state"] as? Bool == false
    let tokenizer = (said["tokenizer"] as? [String: Any])?["type"] as? String
    let ours = said["task"] as? String == "token_tagger" || tokenizer == "RegexTokenizer"
    guard known && ours else { throw BundleError.refused("This client does not read such a bundle.") }
    func file(_ key: String) throws -> URL {
      let name = said[key] as! String
      guard !name.contains("/"), !name.contains("\\")
      else { throw BundleError.refused("\(name) is not in the bundle's folder.") }
      let digest = SHA256.hash(data: try Data(contentsOf: folder.appendingPathComponent(name)))
      let hex = digest.map { String(format: "%02x", $0) }.joined()
      guard hex == (said["sha256"] as! [String: String])[name]
      else { throw BundleError.refused("\(name) is not the file that the bundle was written with.") }
      return folder.appendingPathComponent(name)
    }
    func lines(_ key: String) throws -> [String] {
      let text = try String(contentsOf: file(key), encoding: .utf8)
      return text.unicodeScalars.split(separator: "\n").map { String($0) }
    }
    func vocabulary(_ key: String) throws -> [[UInt32]: Int32] {
      let words = try lines(key).map { scalars(String($0.unicodeScalars.prefix { $0 != " " })) }
      return Dictionary(zip(words, Int32(0)...), uniquingKeysWith: { one, _ in one })
    }
    self.said = said
    most = said["max_length"] as! Int
    labels = try lines("labels")
    words = try vocabulary("vocabulary")
    letters = said["characters"] == nil ? [:] : try vocabulary("characters")
    let interpreter = try Interpreter(modelPath: file("model").path)
    runner = try interpreter.signatureRunner(with: interpreter.signatureKeys[0])
    if said["strategy"] as! String == "padded" {
      let names = (said["inputs"] as! [[String: Any]]).map { $0["name"] as! String }
      let sizes = names.map { most * ($0 == "characters" ? said["word_length"] as! Int : 1) }
      let ones = zip(names, sizes.map { [Int32](repeating: 1, count: $0) })
      let output = (said["outputs"] as! [[String: Any]])[0]["name"] as! String
      _ = try run(most, Dictionary(uniqueKeysWithValues: ones), output)
    }
  }

  private func run(_ steps: Int, _ given: [String: [Int32]], _ output: String) throws -> Data {
    var shaped: [String: Data] = [:]
    for (name, numbers) in given {
      let shape = name == "characters" ? [1, steps, said["word_length"] as! Int] : [1, steps]
      let behind = [Int32](repeating: 0, count: shape.reduce(1, *) - numbers.count)
      shaped[name] = (numbers + behind).withUnsafeBufferPointer { Data(buffer: $0) }
      if !(said["fixed_length"] as! Bool) { try runner.resizeInput(named: name, toShape: Tensor.Shape(shape)) }
    }
    try runner.allocateTensors()
    try runner.invoke(with: shaped)
    return try runner.output(named: output).data
  }

  private func stepsOf(_ length: Int) -> Int { return said["fixed_length"] as! Bool ? most : length }

  /// The probability of each label of a text.
  func classify(_ given: String) throws -> [(label: String, probability: Float)] {
    let found = wordsOf(given, (said["tokenizer"] as! [String: Any])["delimiters"] as! String).map { idOf(words, $0) }
    let ids = Array(([1] + found).prefix(most))
    let made = try run(stepsOf(ids.count), ["ids": ids], "probabilities")
    let probabilities = made.withUnsafeBytes { Array($0.bindMemory(to: Float.self)) }
    return zip(labels, probabilities).map { ($0, $1) }
  }

  /// The entities of a sentence, each with its place in it.
  func tag(_ sentence: String) throws -> [(type: String, range: NSRange)] {
    var found: [(type: String, range: NSRange)] = []
    var before = ("O", "")
    let tokens = tokensOf(sentence)
    for first in stride(from: 0, to: tokens.count, by: most) {
      let part = tokens[first..<min(first + most, tokens.count)]
      let read = part.map { featuresOf($0.token, words, letters, said["word_length"] as! Int) }
      let given = [
        "words": read.map { $0.word }, "casing": read.map { $0.casing }, "characters": read.flatMap { $0.letters },
      ]
      let made = try run(stepsOf(part.count), given, "tags").withUnsafeBytes { Array($0.bindMemory(to: Int32.self)) }
      for (place, (_, range)) in part.enumerated() {
        let now = partsOf(labels[Int(made[place])], said["scheme"] as! String)
        let apart = "BSU".contains(now.0) || "ESLU".contains(before.0)
        if now.1 != "" && now.1 == before.1 && (!apart || place == 0) {
          found[found.count - 1].range = NSUnionRange(found[found.count - 1].range, range)
        } else if now.1 != "" {
          found.append((now.1, range))
        }
        before = now
      }
    }
    return found
  }
}

/// Letter and type of a label: "B-LOC" is B and LOC, "O" is O and no type.
private func partsOf(_ label: String, _ scheme: String) -> (String, String) {
  if label == "O" { return ("O", "") }
  if scheme == "plain" { return ("S", label) }
  let parts = label.split(separator: "-", maxSplits: 1)
  return (String(parts[0]), parts.count > 1 ? String(parts[1]) : "ENTITY")
}
