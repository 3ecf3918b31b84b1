import CFuzzer
import Glibc

/// `CasusFuzz TARGET [libFuzzer's options and corpora]`, `CasusFuzz --list`, `CasusFuzz --seeds TARGET DIR [FILES]`.
@main
enum Main {
  static func main() {
    var arguments = CommandLine.arguments
    if arguments.count == 2, arguments[1] == "--list" {
      for target in FuzzTarget.all { print("\(target.name)\t\(target.dictionary ?? "-")\t\(target.maxBytes)") }
      return
    }
    if arguments.count >= 4, arguments[1] == "--seeds", let target = FuzzTarget.named(arguments[2]) {
      let given = arguments[4...].compactMap { try? Scratch.contents($0) }
      for (number, seed) in target.seeds(given).enumerated() {
        Scratch.write(seed, to: "\(arguments[3])/seed-\(number)")
      }
      return
    }
    // libFuzzer starts this program again, with its own options only, to merge corpora.
    let inherited = getenv("CASUS_FUZZ_TARGET").map { String(cString: $0) }
    if let target = arguments.dropFirst().first.flatMap(FuzzTarget.named) {
      arguments.remove(at: 1)
      setenv("CASUS_FUZZ_TARGET", target.name, 1)
      chosen = target
    } else if let target = inherited.flatMap(FuzzTarget.named) {
      chosen = target
    } else {
      print("usage: CasusFuzz TARGET [OPTION…] [CORPUS…]; TARGET is one of --list")
      exit(64)
    }
    var count = Int32(arguments.count)
    var words: [UnsafeMutablePointer<CChar>?] = arguments.map { strdup($0) } + [nil]
    exit(
      words.withUnsafeMutableBufferPointer { buffer in
        var start = buffer.baseAddress
        return LLVMFuzzerRunDriver(&count, &start) { data, size in
          chosen?.check(UnsafeRawBufferPointer(start: data, count: size))
          return 0
        }
      })
  }
}

/// The one target of this process: libFuzzer's callback takes no context. Set once, before the first call.
nonisolated(unsafe) private var chosen: FuzzTarget?
