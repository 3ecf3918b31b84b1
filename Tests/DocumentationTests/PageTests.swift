import Foundation
import TestSupport
import Testing

@Suite struct PageTests {
  /// Every page that people read.
  private static let pages: [String] = {
    let root = Checkout.root.path
    let names = FileManager.default.enumerator(atPath: "\(root)/docs")?.compactMap { $0 as? String } ?? []
    return names.filter { $0.hasSuffix(".md") }.map { "docs/\($0)" }.sorted() + [
      "README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "SECURITY.md", "Plugins/python/README.md",
      "deploy/systemd/README.md",
    ]
  }()

  @Test func `every link leads somewhere`() throws {
    for name in Self.pages {
      let page = try Page(name)
      let folder = Checkout.root.appending(path: name).deletingLastPathComponent()
      for link in page.links {
        let path = folder.appending(path: link).standardizedFileURL.path
        #expect(FileManager.default.fileExists(atPath: path), "\(name) names \(link), which is not there")
      }
    }
  }

  @Test func `every page is in the index`() throws {
    for name in Self.pages where name.hasPrefix("docs/") && name != "docs/README.md" {
      // A folder's pages are in its own index, which is in the one above; without one, in that above.
      let parts = name.split(separator: "/").map(String.init)
      let above = parts.dropLast(parts.last == "README.md" ? 2 : 1)
      let folders = (1...above.count).reversed().map { above.prefix($0).joined(separator: "/") }
      let folder = try #require(folders.first { Self.pages.contains("\($0)/README.md") })
      let listed = try Page("\(folder)/README.md").links
      #expect(listed.contains(String(name.dropFirst(folder.count + 1))), "\(folder)/README.md does not name \(name)")
    }
  }
}
