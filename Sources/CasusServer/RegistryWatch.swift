internal import CasusCore
internal import Synchronization
internal import SystemFiles

/// Looks at the registry's folder on a thread of its own: the socket's thread asks for a look each second, and takes what was
/// found. Thread-safe.
final class RegistryWatch: Sendable {
  private struct State {
    var folder: RegistryFolder
    var isLooking = false
    var found: RegistryFolder.Change?
  }

  private let state: Mutex<State>
  private let worker: Worker
  private let bell: WakeUp

  /// - Parameters:
  ///   - folder: after its `load`.
  ///   - bell: rings when something was found.
  init(_ folder: RegistryFolder, bell: WakeUp) throws(SystemError) {
    state = Mutex(State(folder: folder))
    worker = try Worker(name: "registry")
    self.bell = bell
  }

  /// Has the folder looked at, unless that is under way.
  func look() {
    let begins = state.withLock { state in
      defer { state.isLooking = true }
      return !state.isLooking
    }
    guard begins else { return }
    worker.add { [self] in
      // The folder is this thread's while `isLooking` holds; the lock is not held while the disk is read.
      var folder = state.withLock { $0.folder }
      let found = folder.look()
      state.withLock { state in
        state.folder = folder
        state.isLooking = false
        if let found { state.found = state.found.map { found.after($0) } ?? found }
      }
      if found != nil { bell.ring() }
    }
  }

  /// Whether a look is under way.
  var isLooking: Bool { state.withLock(\.isLooking) }

  /// What was found since the last call.
  func take() -> RegistryFolder.Change? {
    state.withLock { state in
      defer { state.found = nil }
      return state.found
    }
  }

  func stop() { worker.stop() }
}

extension RegistryFolder.Change {
  /// This one with what an earlier one says that nobody has taken.
  fileprivate func after(_ earlier: RegistryFolder.Change) -> RegistryFolder.Change {
    var both = self
    both.newFaults = earlier.newFaults + newFaults
    both.mended = earlier.mended.filter { setAside[$0] == nil } + mended
    both.setAside = earlier.setAside.filter { !mended.contains($0.key) }.merging(setAside) { $1 }
    both.folder = folder ?? earlier.folder
    return both
  }
}
