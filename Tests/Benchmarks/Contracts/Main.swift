import CasusEvents
import FoundationEssentials
import IJSON
import JSONSchema

/// `ContractsBenchmark FOLDER [SECONDS]`: for each event of the folder, named by its type, what reading and checking it
/// costs, as one line `type bytes parse-ns validate-ns`; with `--hostile` the longest validations known, as lines
/// `pair KiB steps ms`. The best of many rounds: what else the machine does only adds.
@main
enum Main {
  static func main() throws {
    let arguments = CommandLine.arguments
    guard arguments.count >= 2 else {
      print("usage: ContractsBenchmark FOLDER [SECONDS] | ContractsBenchmark --hostile")
      return
    }
    if arguments[1] == "--hostile" { return try Hostile.run() }
    let seconds = arguments.count > 2 ? Double(arguments[2]) ?? 1 : 1
    for (type, schema) in EventSchemas.all.sorted(by: { $0.type < $1.type }) {
      guard let event = FileManager.default.contents(atPath: "\(arguments[1])/\(type).json") else { continue }
      let bytes = Array(event)
      let compiled = try CompiledSchema.compile(schema, documents: EventSchemas.shared, assertFormats: true)
      let parser = JSONParser()
      guard compiled.validate(try parser.parse(bytes)) == nil else { fatalError("\(type) is not valid") }
      let parse = try best(seconds / 2) { _ = try parser.parse(bytes) }
      let value = try parser.parse(bytes)
      let validate = best(seconds / 2) {
        guard compiled.validate(value) == nil else { fatalError("\(type) is not valid") }
      }
      print(type, bytes.count, Int(parse), Int(validate))
    }
  }

  /// Nanoseconds of one call: the least of rounds of fifty, as many as fit.
  private static func best(_ seconds: Double, _ body: () throws -> Void) rethrows -> Double {
    let clock = ContinuousClock()
    let end = clock.now + .seconds(seconds)
    var least = Double.infinity
    while clock.now < end {
      let elapsed = try clock.measure { for _ in 0..<50 { try body() } }
      least = min(least, Double(elapsed.components.attoseconds) / 1e9 / 50)
    }
    return least
  }
}
