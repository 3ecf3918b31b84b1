/// Letters that pass for Latin ones, where they could be meant to: an operator "ЕХЕRСISЕ Grid" in Cyrillic must not be read as
/// the one in Latin letters (UTS #39, "mixed-script" and "whole-script confusables").
///
/// Found are, in a word with Latin letters, those of the scripts that look like Latin; words of nothing but such letters
/// that have a Latin twin; and the alphabets that Unicode has for mathematics. Words of another script are words.
public enum Lookalikes {
  private enum Kind {
    case latin
    /// Of a script beside Latin, with a twin or without.
    case other(hasTwin: Bool)
    case mathematical
    /// A mark over the letter before, or what else neither begins nor ends a word.
    case mark
    case none
  }

  /// The places of the letters that have to be written out.
  static func places(in scalars: [Unicode.Scalar]) -> Set<Int> {
    guard scalars.contains(where: { $0.value >= 0x250 }) else { return [] }
    var found: Set<Int> = []
    var word: [(place: Int, kind: Kind)] = []
    for place in scalars.indices {
      let kind = kind(scalars[place])
      if case .none = kind {
        judge(word, &found)
        word.removeAll(keepingCapacity: true)
      } else {
        word.append((place, kind))
      }
    }
    judge(word, &found)
    return found
  }

  private static func judge(_ word: [(place: Int, kind: Kind)], _ found: inout Set<Int>) {
    var hasLatin = false
    var others: [Int] = []
    var isTwin = true
    for letter in word {
      switch letter.kind {
      case .latin: hasLatin = true
      case .other(let hasTwin):
        others.append(letter.place)
        isTwin = isTwin && hasTwin
      case .mathematical: found.insert(letter.place)
      case .mark, .none: break
      }
    }
    if hasLatin || isTwin, !others.isEmpty { found.formUnion(others) }
  }

  private static func kind(_ scalar: Unicode.Scalar) -> Kind {
    switch scalar.value {
    case 0x41...0x5a, 0x61...0x7a, 0xc0...0xd6, 0xd8...0xf6, 0xf8...0x24f, 0x1e00...0x1eff: .latin
    case 0x300...0x36f: .mark
    case 0x1d400...0x1d7ff: .mathematical
    // Small capitals and letters of phonetics.
    case 0x250...0x2af, 0x1d00...0x1dbf: .other(hasTwin: true)
    // Greek, Cyrillic, Armenian, Cherokee, Coptic, Lisu.
    case 0x370...0x3ff, 0x400...0x52f, 0x531...0x587, 0x13a0...0x13ff, 0x1c80...0x1c8f, 0x1f00...0x1fff,
      0x2c80...0x2cff, 0xa4d0...0xa4ff, 0xa640...0xa69f, 0xab70...0xabbf:
      .other(hasTwin: twins.contains(scalar))
    // Wide letters are plain to see among Japanese, and not beside narrow ones.
    case 0xff21...0xff3a, 0xff41...0xff5a: .other(hasTwin: false)
    default: .none
    }
  }

  /// Letters of Cyrillic and Greek that are drawn as Latin ones.
  private static let twins = Set(
    "АВЕЅЗІЈКМНОРСТУХЬаеѕіјорсухһԁԛԝѵѴҮүԌӏӀΑΒΕΖΗΙΚΜΝΟΡΤΥΧονϲϹϳ".unicodeScalars)
}
