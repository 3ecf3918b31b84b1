import Glibc

/// `00000000000000000001.mcap`: sorted by name is sorted by sequence.
func segmentName(_ first: UInt64) -> String {
  let digits = String(first)
  return String(repeating: "0", count: 20 - digits.count) + digits + ".mcap"
}

/// The journal's segments in a folder, oldest first; other files are nobody's business here.
func segmentNames(in folder: String) throws(JournalError) -> [String] {
  try fileNames(in: folder).filter { name in
    name.utf8.count == 25 && name.hasSuffix(".mcap") && name.utf8.prefix(20).allSatisfy { (48...57).contains($0) }
  }.sorted()
}

func fileNames(in folder: String) throws(JournalError) -> [String] {
  guard let directory = opendir(folder) else { throw JournalError.system("cannot read the folder", folder) }
  defer { closedir(directory) }
  var names: [String] = []
  while let entry = readdir(directory) {
    withUnsafePointer(to: &entry.pointee.d_name) { name in
      name.withMemoryRebound(to: CChar.self, capacity: 256) { names.append(String(cString: $0)) }
    }
  }
  return names
}

func fileName(_ path: String) -> String { String(path.drop { $0 == "/" }.split(separator: "/").last ?? "") }
