internal import CPlatform
internal import CasusCore
internal import CasusEvents
internal import CasusJournal
internal import CasusNames
internal import CasusWire
internal import Glibc
internal import IJSON
internal import JSONSchema
internal import SystemFiles
internal import ZeroMQ

/// The broker as a process: reads its configuration, recovers its journal, proves that strangers are refused, serves
/// until SIGTERM or SIGINT, and leaves everything on disk.
public struct Daemon {

  let configuration: Configuration
  let log = Log()

  /// - Parameter key: the broker's key file, where it is not the configuration's.
  init(_ configuration: Configuration, key: String? = nil) {
    var configuration = configuration
    if let key { configuration.key = key }
    self.configuration = configuration
  }

  /// Reads a configuration file and is the broker until its end, or does one of the smaller tasks. Blocks. To be called on
  /// the main thread before any other exists.
  ///
  /// All that the program needs of this module: it takes no value apart whose layout comes from modules below, which a debug
  /// build that is only partly made anew may know wrongly.
  ///
  /// - Parameter key: the broker's key file, where it is not the configuration's.
  public static func start(_ path: String, key: String?, _ task: Task) throws(ServerError) {
    let daemon = Daemon(try Configuration.read(path), key: key)
    switch task {
    case .serve: try daemon.run()
    case .check: try daemon.check()
    case .makeJournal: try daemon.makeJournal()
    }
  }

  public enum Task: Sendable {
    case serve
    /// Reads everything that a start would read, and ends.
    case check
    /// Makes the journal, which must not be there yet, and ends: so nobody begins a new one by mistake.
    case makeJournal
  }

  /// Blocks until the end. To be called on the main thread before any other exists.
  func run() throws(ServerError) {
    casus_memory_keep()
    let mostFiles = casus_open_files_raise()
    let signals = casus_signals_open()
    guard signals >= 0 else { throw ServerError(.failed, "cannot listen to signals") }
    defer { casus_signals_close() }
    let keys = try readKey()
    try checkReadyFile()
    var folder = RegistryFolder(configuration.registry, reserved: configuration.options.identity)
    let registry = try folder.load()
    if configuration.mechanism == .plain {
      log.warning("unsafe_plain: nothing is encrypted and whoever connects is believed; for measurements only")
    }
    try reserveFiles(of: mostFiles)
    let journal = try openJournal()
    let schemaLog = try openSchemaLog(journal)
    let schemas = try SchemaSet(folder: configuration.schemas, kept: try readSchemas(schemaLog))
    let doorKeeper = DoorKeeper(configuration.mechanism)
    do {
      let zap = try StartupProof.authenticator(
        keys, limits: configuration.options.limits, mechanism: configuration.mechanism
      ) { doorKeeper.answer($0) }
      defer { zap.stop() }
      doorKeeper.startCounting()
      doorKeeper.admit(Set(registry.byKey.keys))
      let bell = try WakeUp()
      let manager = ServiceManager()
      let socket = try open(keys)
      var loop = try makeLoop(
        socket.socket, socket.endpoints, journal, schemas, SchemaKeeper(schemas, log: schemaLog), registry, doorKeeper,
        bell)
      if let limit = manager.watchdog {
        try loop.socket.bind(Canary.endpoint)
        loop.canary = try Canary(manager, within: limit, at: loop.clock.now().steady)
      }
      try announceReady(socket.endpoints, keys)
      manager.ready("listens on \(socket.endpoints.joined(separator: ", "))")
      defer { configuration.ready.map { _ = unlink($0) } }
      let watch = try RegistryWatch(folder, bell: bell)
      defer { watch.stop() }
      let end = try serve(&loop, signals, bell, watch, doorKeeper, manager)
      try close(journal)
      if let end { throw end }
    } catch let error as ServerError {
      throw error
    } catch {
      throw ServerError(.failed, "\(error)")
    }
    log.info("stopped")
  }

  /// Reads everything that the start would read, and opens nothing.
  func check() throws(ServerError) {
    _ = try readKey()
    try checkReadyFile()
    var folder = RegistryFolder(configuration.registry, reserved: configuration.options.identity)
    _ = try folder.load()
    for (name, address) in try addresses() { try checkPath(of: address, named: name, isStart: false) }
    _ = try SchemaSet(folder: configuration.schemas)
    log.info("the configuration is good")
  }

  func makeJournal() throws(ServerError) {
    do throws(JournalError) {
      let id = try FileJournal.make(configuration.journal, sync: configuration.sync)
      log.info("made the journal \(id) in \(configuration.journal)")
    } catch { throw Self.failure(error) }
  }

  // MARK: Start

  private func readKey() throws(ServerError) -> CurveKeyPair {
    guard !configuration.key.isEmpty else {
      throw ServerError(.configuration, "the setting 'key' is missing, and there is no --key")
    }
    do throws(KeyFileError) {
      return try KeyFile.read(configuration.key).keys
    } catch {
      throw ServerError(.notPermitted, "\(error)")
    }
  }

  /// Descriptors for the journal come first: a broker that runs out of them for its segments takes no event any more.
  private func reserveFiles(of most: Int) throws(ServerError) {
    guard most >= 0 else { return }
    let segments = segmentStarts(configuration.journal).count
    let needed = DescriptorReserve.needed(segments: segments)
    guard most >= needed else {
      throw ServerError(
        .configuration,
        "the limit of open files is \(most), and a journal of \(segments) segments needs \(needed), more for connections: "
          + "raise it (LimitNOFILE, ulimit -n)")
    }
    let peers = configuration.options.limits.peers
    if most < needed + peers {
      log.warning(
        "the limit of open files, \(most), leaves room for about \(most - needed) connections; \(peers) may be made (limits: peers): "
          + "raise it to \(needed + peers) (LimitNOFILE, ulimit -n)")
    }
    DescriptorReserve.shared.hold(DescriptorReserve.forSegments)
  }

  private func openJournal() throws(ServerError) -> FileJournal {
    do throws(JournalError) {
      let journal = try FileJournal.open(configuration.journal, options: configuration.journalOptions)
      for cut in journal.recovery.cuts where !cut.isSummary {
        log.warning(
          "recovered \(cut.file): cut \(cut.bytes) bytes of an unfinished commit after byte \(cut.offset), none of it "
            + "acknowledged (\(cut.reason))")
      }
      for note in journal.recovery.notes { log.warning("recovered: \(note)") }
      return journal
    } catch { throw Self.failure(error) }
  }

  /// What is damaged, gone or of another edition is for a person to decide about.
  static func failure(_ error: JournalError) -> ServerError {
    let exit: ExitStatus =
      switch error.code {
      case .damaged, .lost, .absent, .unsupported: .damaged
      case .locked: .tryAgain
      case .occupied: .cannotCreate
      case .tooManyFiles: .configuration
      default: .disk
      }
    return ServerError(exit, "\(error)")
  }

  private func openSchemaLog(_ journal: FileJournal) throws(ServerError) -> ValueLog {
    do throws(JournalError) {
      let schemas = try ValueLog(in: journal, name: "schemas.log")
      if let recovery = schemas.recovery { log.warning("recovered: \(recovery)") }
      return schemas
    } catch { throw Self.failure(error) }
  }

  private func readSchemas(_ log: ValueLog) throws(ServerError) -> [String: [UInt8]] {
    var kept: [String: [UInt8]] = [:]
    do throws(JournalError) {
      try log.readAll { key, value in kept[key.name] = [UInt8](value) }
    } catch { throw Self.failure(error) }
    return kept
  }

  private func open(_ keys: CurveKeyPair) throws(ServerError) -> OpenSocket {
    do {
      let socket = try ServerSocket.make(
        keys, limits: configuration.options.limits, mechanism: configuration.mechanism)
      var endpoints: [String] = []
      for (name, address) in try addresses() {
        if name != address { log.info("\(name) is \(address)") }
        try checkPath(of: address, named: name, isStart: true)
        do throws(ZeroMQError) {
          try socket.bind(address)
          endpoints.append(try socket.lastEndpoint)
        } catch {
          // An address may come with the network; what else is refused stays refused.
          let mayCome = error.code == .addressInUse || error.code == .addressNotAvailable
          throw ServerError(mayCome ? .tryAgain : .configuration, "cannot listen on \(name): \(error)")
        }
      }
      return OpenSocket(socket: socket, endpoints: endpoints)
    } catch let error as ServerError {
      throw error
    } catch {
      throw ServerError(.failed, "\(error)")
    }
  }

  /// libzmq takes the place of whatever stands at the path of an `ipc://` endpoint, be it a file or another broker's socket.
  private func checkPath(of address: String, named name: String, isStart: Bool) throws(ServerError) {
    guard address.hasPrefix("ipc://"), !address.hasPrefix("ipc://@") else { return }
    switch LocalSocket.standing(at: String(address.dropFirst("ipc://".count))) {
    case .nothing, .abandoned: return
    case .listening:
      // To check the configuration of a broker that runs is no fault.
      if isStart { throw ServerError(.tryAgain, "cannot listen on \(name): a process listens there already") }
    case .other:
      throw ServerError(.configuration, "cannot listen on \(name): what stands there is no socket, and stays as it is")
    }
  }

  /// The ready file is written anew at each start and removed at the end: it must be the broker's.
  private func checkReadyFile() throws(ServerError) {
    guard let path = configuration.ready, Files.exists(path) else { return }
    let bytes = (try? Files.read(path)) ?? []
    guard bytes.isEmpty || bytes.starts(with: Array("{\"pid\":".utf8)) else {
      throw ServerError(.configuration, "the setting 'ready' names \(path), which is another file and stays as it is")
    }
  }

  /// What is listened on, with hosts' names looked up: the first address of each.
  private func addresses() throws(ServerError) -> [(name: String, address: String)] {
    var addresses: [(name: String, address: String)] = []
    for text in configuration.listen {
      do throws(HostLookup.Failure) {
        let found = try (try? Endpoint(text, for: .bind))?.lookedUp().first
        addresses.append((text, found?.description ?? text))
      } catch {
        throw ServerError(.configuration, "cannot listen on \(text): \(error)")
      }
    }
    return addresses
  }

  private struct OpenSocket: ~Copyable {
    let socket: Socket
    let endpoints: [String]
  }
}
