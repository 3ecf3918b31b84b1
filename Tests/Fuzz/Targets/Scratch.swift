import Glibc

/// Files of the target that runs: a folder in CASUS_FUZZ_SCRATCH, or in memory where the machine has such a folder.
enum Scratch {
  static let folder: String = {
    let parent =
      getenv("CASUS_FUZZ_SCRATCH").map { String(cString: $0) } ?? (access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp")
    var template = Array("\(parent)/casus-fuzz-XXXXXX".utf8CString)
    guard let path = mkdtemp(&template) else { fatalError("no temporary folder") }
    let folder = String(cString: path)
    atexit { Scratch.empty() }
    return folder
  }()

  struct Unreadable: Error {}

  static func contents(_ path: String) throws -> [UInt8] {
    let file = open(path, O_RDONLY)
    guard file >= 0 else { throw Unreadable() }
    defer { close(file) }
    var bytes = [UInt8](repeating: 0, count: 1 << 20)
    let count = bytes.withUnsafeMutableBytes { read(file, $0.baseAddress, $0.count) }
    guard count >= 0 else { throw Unreadable() }
    return Array(bytes[..<count])
  }

  static func write(_ bytes: some Collection<UInt8>, to path: String, mode: mode_t = 0o600) {
    let file = open(path, O_WRONLY | O_CREAT | O_TRUNC, mode)
    guard file >= 0 else { fatalError("cannot write \(path)") }
    let bytes = Array(bytes)
    require(Glibc.write(file, bytes, bytes.count) == bytes.count, "cannot write \(path)")
    close(file)
  }

  /// Removes every file of a folder; there are no folders in it.
  static func clear(_ path: String) {
    guard let handle = opendir(path) else { return }
    defer { closedir(handle) }
    while let entry = readdir(handle) {
      let name = withUnsafeBytes(of: entry.pointee.d_name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
      if name != ".", name != ".." { unlink("\(path)/\(name)") }
    }
  }

  private static func empty() {
    clear("\(folder)/journal")
    rmdir("\(folder)/journal")
    clear(folder)
    rmdir(folder)
  }
}
