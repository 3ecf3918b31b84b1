import Foundation
import Glibc

/// The library `Tests/soak/support/faults.c`, preloaded into a real broker: its journal's disk as a test wants it.
final class FaultyDisk {
  /// The words of the library's `struct control`, in its order.
  enum Word: Int {
    case mask, at, error, forGood, after, amnesia, lie, full, hang, kill, fired, seen, waiting
  }

  enum Operation: Int {
    case write, sync, rename, directory, truncate, create, unlink
  }

  /// Made once; nil where there is no C compiler.
  static let library: String? = {
    let source = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appendingPathComponent("../soak/support/faults.c").standardizedFileURL.path
    let path = FileManager.default.temporaryDirectory.appendingPathComponent("casus-faults-\(getpid()).so").path
    let status = system("cc -shared -fPIC -O1 -o '\(path)' '\(source)' 2>/dev/null")
    guard status == 0 else { return nil }
    return path
  }()

  private let path: String
  private let words: UnsafeMutablePointer<UInt32>

  init() throws {
    path = FileManager.default.temporaryDirectory.appendingPathComponent("casus-disk-\(UUID().uuidString)").path
    guard FileManager.default.createFile(atPath: path, contents: Data(count: 4096)) else { throw Failure("no \(path)") }
    let descriptor = open(path, O_RDWR)
    guard descriptor >= 0, let memory = mmap(nil, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0),
      memory != MAP_FAILED
    else { throw Failure("\(path) cannot be mapped") }
    close(descriptor)
    words = memory.bindMemory(to: UInt32.self, capacity: 1024)
  }

  deinit {
    munmap(words, 4096)
    for name in [path, path + ".undo"] { try? FileManager.default.removeItem(atPath: name) }
  }

  /// For the broker whose folder it is.
  func environment(_ folder: String) -> [String: String] {
    ["LD_PRELOAD": Self.library ?? "", "CASUS_FAULTS": path, "CASUS_FAULTS_FOLDER": "\(folder)/journal"]
  }

  subscript(word: Word) -> UInt32 {
    get { words[word.rawValue] }
    set { words[word.rawValue] = newValue }
  }

  /// The next operation of this kind fails.
  func failNext(_ operation: Operation, _ error: Int32) {
    self[.seen] = 0
    self[.error] = UInt32(error)
    self[.at] = 1
    self[.mask] = 1 << UInt32(operation.rawValue)
  }
}
