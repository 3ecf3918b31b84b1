import IJSON

/// What the tests of one file of a suite came to.
struct SuiteResult {
  struct Failure {
    var group: String
    var test: String
    var reason: String
  }

  struct Count {
    var passed = 0
    var failed = 0
  }

  var file: String
  private(set) var passed = 0
  private(set) var failures: [Failure] = []
  private(set) var keywords: [String: Count] = [:]

  init(file: String) { self.file = file }

  /// A file that is no suite counts as one failure.
  init(file: String, refused reason: String) {
    self.file = file
    failures = [Failure(group: "the whole file", test: "every test", reason: reason)]
  }

  /// Counts one test; `failure` is nil when it passed.
  mutating func add(_ failure: Failure?, to keywords: Set<String>) {
    if let failure { failures.append(failure) } else { passed += 1 }
    for keyword in keywords {
      if failure == nil { self.keywords[keyword, default: Count()].passed += 1 }
      if failure != nil { self.keywords[keyword, default: Count()].failed += 1 }
    }
  }
}

/// A suite's figures, as text and as JSON.
struct SuiteReport {
  let results: [SuiteResult]

  init(_ results: [SuiteResult]) { self.results = results }

  var passed: Int { results.reduce(0) { $0 + $1.passed } }
  var failed: Int { results.reduce(0) { $0 + $1.failures.count } }

  /// By name: each keyword with the tests whose schema uses it.
  var keywords: [(name: String, count: SuiteResult.Count)] {
    var counts: [String: SuiteResult.Count] = [:]
    for (name, count) in results.flatMap(\.keywords) {
      counts[name, default: .init()].passed += count.passed
      counts[name, default: .init()].failed += count.failed
    }
    return counts.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
  }

  private var total: String { "\(passed) passed, \(failed) failed, in \(results.count) files" }

  var textByFile: String {
    let width = results.map(\.file.count).max() ?? 0
    var lines: [String] = []
    for result in results {
      let padding = String(repeating: " ", count: width - result.file.count)
      lines.append("\(result.file)\(padding)  \(result.passed) passed, \(result.failures.count) failed")
      lines += Self.lines(of: result.failures)
    }
    return (lines + [total]).joined(separator: "\n")
  }

  var textByKeyword: String {
    let width = keywords.map(\.name.count).max() ?? 0
    var lines = keywords.map { name, count in
      "\(name)\(String(repeating: " ", count: width - name.count))  \(count.passed) passed, \(count.failed) failed"
    }
    for result in results { lines += Self.lines(of: result.failures, in: "\(result.file): ") }
    return (lines + [total]).joined(separator: "\n")
  }

  private static func lines(of failures: [SuiteResult.Failure], in file: String = "") -> [String] {
    failures.map { "  FAILED \(file)\($0.group) / \($0.test): \($0.reason)" }
  }

  var json: String {
    var json = JSONWriter()
    json.object { json in
      json.int("passed", passed)
      json.int("failed", failed)
      json.array("files") { json in
        for result in results { Self.write(result, to: &json) }
      }
      json.array("keywords") { json in
        for (name, count) in keywords {
          json.object { json in
            json.string("keyword", name)
            json.int("passed", count.passed)
            json.int("failed", count.failed)
          }
        }
      }
    }
    return json.text
  }

  private static func write(_ result: SuiteResult, to json: inout JSONWriter) {
    json.object { json in
      json.string("file", result.file)
      json.int("passed", result.passed)
      json.int("failed", result.failures.count)
      json.array("failures") { json in
        for failure in result.failures {
          json.object { json in
            json.string("group", failure.group)
            json.string("test", failure.test)
            json.string("reason", failure.reason)
          }
        }
      }
    }
  }
}
