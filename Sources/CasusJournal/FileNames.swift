import SystemFiles

/// `00000000000000000001.mcap`: sorted by name is sorted by sequence.
func segmentName(_ first: UInt64) -> String {
  let digits = String(first)
  return String(repeating: "0", count: 20 - digits.count) + digits + ".mcap"
}

/// The sequence that a segment begins with, by its name; nil for no segment's.
func segmentFirst(_ name: String) -> UInt64? { UInt64(name.prefix(20)) }

/// The journal's segments in a folder, oldest first; other files are nobody's business here.
func segmentNames(in folder: String) throws(JournalError) -> [String] {
  try fileNames(in: folder).filter { name in
    name.utf8.count == 25 && name.hasSuffix(".mcap") && name.utf8.prefix(20).allSatisfy { (48...57).contains($0) }
  }
}

func fileNames(in folder: String) throws(JournalError) -> [String] {
  do throws(SystemError) { return try Files.names(in: folder) } catch {
    throw JournalError.system("cannot read the folder", folder, number: error.code)
  }
}

func fileName(_ path: String) -> String { String(path.drop { $0 == "/" }.split(separator: "/").last ?? "") }

/// Whether nothing stands in a folder, or there is none.
func isBare(_ path: String) throws(JournalError) -> Bool {
  guard Files.isFolder(path) else { return !Files.exists(path) }
  return try fileNames(in: path).isEmpty
}
