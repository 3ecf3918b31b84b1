internal import CPlatform
internal import CasusConfiguration
internal import CasusCore
internal import CasusEvents
internal import CasusJournal
internal import CasusNames
internal import CasusWire
internal import Glibc
internal import IJSON
internal import JSONSchema
internal import SystemFiles
internal import YAML
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
  /// - Parameters:
  ///   - key: the broker's key file, where it is not the configuration's.
  ///   - acceptReplay: it takes replays, whatever the configuration says.
  public static func start(
    _ path: String, key: String?, acceptReplay: Bool, _ task: Task
  ) throws(ServerError) {
    let (read, wrong) = try Configuration.look(at: path)
    var faults = StartFaults()
    faults.add(wrong)
    guard var configuration = read else { return try faults.check() }
    if acceptReplay { configuration.options.acceptsReplay = true }
    let daemon = Daemon(configuration, key: key)
    if task == .makeJournal {
      try faults.check()
      return try daemon.makeJournal()
    }
    let start = daemon.prepare(&faults)
    if task == .check { daemon.check(start?.addresses ?? [], &faults) }
    try faults.check()
    guard let start else { return }
    if task == .check { daemon.log.info("the configuration is good") } else { try daemon.run(start) }
  }

  public enum Task: Sendable {
    case serve
    /// Reads everything that a start would read, and ends.
    case check
    /// Makes the journal, which must not be there yet, and ends: so nobody begins a new one by mistake.
    case makeJournal
  }

  /// What a start has read before it opens anything.
  private struct Start {
    var keys: CurveKeyPair
    var folder: RegistryFolder
    var registry: Registry
    var addresses: [Address]
  }

  /// Where to listen: as the configuration says it, and with a host's name looked up.
  private struct Address {
    var name: String
    var endpoint: String

    /// The file that libzmq makes for it; nil where it makes none.
    var socketPath: String? {
      guard endpoint.hasPrefix("ipc://"), !endpoint.hasPrefix("ipc://@") else { return nil }
      return String(endpoint.dropFirst("ipc://".count))
    }
  }

  /// Reads all that the configuration names, and goes on where something is wrong: all of it is to be told at once. Nil, and
  /// faults, when something is.
  private func prepare(_ faults: inout StartFaults) -> Start? {
    let keys = faults.catching { () throws(ServerError) in try readKey() }
    faults.catching { () throws(ServerError) in try checkReadyFile() }
    let addresses = addresses(&faults)
    guard !configuration.registry.isEmpty else { return nil }
    var folder = RegistryFolder(
      configuration.registry, reserved: configuration.options.identity, key: keys?.publicKey.z85)
    let registry = faults.catching { () throws(ServerError) in try folder.load() }
    guard let keys, let registry else { return nil }
    return Start(keys: keys, folder: folder, registry: registry, addresses: addresses)
  }

  /// What a start finds out when it opens things, as far as it can be told without.
  private func check(_ addresses: [Address], _ faults: inout StartFaults) {
    for address in addresses {
      faults.catching { () throws(ServerError) in try checkPath(of: address, isStart: false) }
    }
    _ = faults.catching { () throws(ServerError) in try SchemaSet(folder: configuration.schemas) }
  }

  /// Blocks until the end. To be called on the main thread before any other exists.
  private func run(_ start: Start) throws(ServerError) {
    casus_memory_keep()
    let mostFiles = casus_open_files_raise()
    let signals = casus_signals_open()
    guard signals >= 0 else { throw ServerError(.failed, "cannot listen to signals") }
    defer { casus_signals_close() }
    if configuration.mechanism == .plain {
      log.warning("unsafe_plain: nothing is encrypted and whoever connects is believed; for measurements only")
    }
    if configuration.options.acceptsReplay {
      log.warning("replays are accepted: what is published here may be a capture's; serve nothing live with it")
    }
    try reserveFiles(of: mostFiles)
    let journal = try openJournal()
    let schemaLog = try openSchemaLog(journal)
    let schemas = try SchemaSet(folder: configuration.schemas, kept: try readSchemas(schemaLog))
    let doorKeeper = DoorKeeper(configuration.mechanism)
    do {
      let zap = try StartupProof.authenticator(
        start.keys, limits: configuration.options.limits, mechanism: configuration.mechanism
      ) { doorKeeper.answer($0) }
      defer { zap.stop() }
      doorKeeper.startCounting()
      doorKeeper.admit(Set(start.registry.byKey.keys))
      let bell = try WakeUp()
      let manager = ServiceManager()
      let accepted = AcceptedConnections()
      let socket = try open(start)
      var loop = try makeLoop(
        socket.socket, socket.endpoints, journal, schemas, SchemaKeeper(schemas, log: schemaLog), start.registry,
        doorKeeper, bell, accepted)
      if let limit = manager.watchdog {
        try loop.socket.bind(Canary.endpoint)
        loop.canary = try Canary(manager, within: limit, at: loop.clock.now().steady)
      }
      try announceReady(socket.endpoints, start.keys)
      manager.ready("listens on \(socket.endpoints.joined(separator: ", "))")
      defer { configuration.ready.map { _ = unlink($0) } }
      let watch = try RegistryWatch(start.folder, bell: bell)
      // A folder on a disk that does not answer is not waited for.
      defer { if !watch.isLooking { watch.stop() } }
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

  func makeJournal() throws(ServerError) {
    do throws(JournalError) {
      let id = try FileJournal.make(configuration.journal, sync: configuration.sync)
      log.info("made the journal \(id) in \(configuration.journal)")
    } catch { throw ServerError(error) }
  }

  // MARK: Start

  private func readKey() throws(ServerError) -> CurveKeyPair {
    guard !configuration.key.isEmpty else {
      throw ServerError(.configuration, "the setting 'key' is missing, and there is no --key")
    }
    do throws(KeyFileError) {
      return try KeyFile.read(configuration.key).keys
    } catch {
      throw ServerError(ExitStatus(error), "\(error)")
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
    let kept = max(needed, segments + AcceptedConnections.reserve(of: most))
    if most < kept + peers {
      log.warning(
        "the limit of open files, \(most), leaves room for about \(most - kept) connections; \(peers) may be made (limits: peers): "
          + "raise it to \(kept + peers) (LimitNOFILE, ulimit -n)")
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
    } catch { throw ServerError(error) }
  }

  private func openSchemaLog(_ journal: FileJournal) throws(ServerError) -> ValueLog {
    do throws(JournalError) {
      let schemas = try ValueLog(in: journal, name: ValueLog.schemas)
      if let recovery = schemas.recovery { log.warning("recovered: \(recovery)") }
      return schemas
    } catch { throw ServerError(error) }
  }

  private func readSchemas(_ log: ValueLog) throws(ServerError) -> [String: [UInt8]] {
    var kept: [String: [UInt8]] = [:]
    do throws(JournalError) {
      try log.readAll { key, value in kept[key.name] = [UInt8](value) }
    } catch { throw ServerError(error) }
    return kept
  }

  private func open(_ start: Start) throws(ServerError) -> OpenSocket {
    do {
      let socket = try ServerSocket.make(
        start.keys, limits: configuration.options.limits, mechanism: configuration.mechanism)
      var endpoints: [String] = []
      for address in start.addresses {
        if address.name != address.endpoint { log.info("\(address.name) is \(address.endpoint)") }
        guard let path = address.socketPath else {
          try bind(socket, to: address)
          endpoints.append(try socket.lastEndpoint)
          continue
        }
        // Between the look at the path and its taking no other broker may do the same.
        do {
          try LocalSocket.alone(inFolderOf: path) {
            try checkPath(of: address, isStart: true)
            try bind(socket, to: address)
          }
        } catch let error as SystemError {
          throw ServerError(.init(.inUse), "cannot listen on \(address.name): \(error)")
        }
        endpoints.append(try socket.lastEndpoint)
      }
      return OpenSocket(socket: socket, endpoints: endpoints)
    } catch let error as ServerError {
      throw error
    } catch {
      throw ServerError(.failed, "\(error)")
    }
  }

  private func bind(_ socket: borrowing Socket, to address: Address) throws(ServerError) {
    do throws(ZeroMQError) { try socket.bind(address.endpoint) } catch {
      // An address may come with the network; what else is refused stays refused.
      let mayCome = error.code == .addressInUse || error.code == .addressNotAvailable
      throw ServerError(.init(mayCome ? .inUse : .configuration), "cannot listen on \(address.name): \(error)")
    }
  }

  /// libzmq takes the place of whatever stands at the path of an `ipc://` endpoint, be it a file or another broker's socket.
  private func checkPath(of address: Address, isStart: Bool) throws(ServerError) {
    guard let path = address.socketPath else { return }
    switch LocalSocket.standing(at: path) {
    case .nothing, .abandoned: return
    case .listening:
      // To check the configuration of a broker that runs is no fault.
      if isStart {
        throw ServerError(.init(.inUse), "cannot listen on \(address.name): a process listens there already")
      }
    case .other:
      throw ServerError(
        .configuration, "cannot listen on \(address.name): what stands there is no socket, and stays as it is")
    }
  }

  /// The ready file is written anew at each start and removed at the end: it must be the broker's.
  private func checkReadyFile() throws(ServerError) {
    guard let path = configuration.ready, Files.exists(path) else { return }
    let bytes: [UInt8]
    do throws(SystemError) { bytes = try Files.readPlain(path) } catch {
      throw ServerError(
        .configuration,
        "the setting 'ready' names what cannot be read and so may be another's, and stays as it is: \(error)")
    }
    guard bytes.isEmpty || bytes.starts(with: Array("{\"pid\":".utf8)) else {
      throw ServerError(.configuration, "the setting 'ready' names \(path), which is another file and stays as it is")
    }
  }

  /// What is listened on, with hosts' names looked up: the first address of each. Two names may turn out to be one address.
  private func addresses(_ faults: inout StartFaults) -> [Address] {
    var found: [(endpoint: ZeroMQ.Endpoint, isName: Bool, address: Address)] = []
    for (text, place) in zip(configuration.listen, configuration.listenPlaces) {
      guard let endpoint = try? ZeroMQ.Endpoint(text, for: .bind) else { continue }
      do throws(HostLookup.Failure) {
        guard let first = try endpoint.lookedUp().first else { continue }
        let isName = first != endpoint
        if let other = found.first(where: { $0.endpoint.overlaps(first) && ($0.isName || isName) }) {
          faults.add([fault(at: place, "\(text) is \(first), which \(other.address.name) takes already")])
        }
        found.append((first, isName, Address(name: text, endpoint: first.description)))
      } catch {
        faults.add([fault(at: place, "cannot listen on \(text): \(error)")])
      }
    }
    return found.map(\.address)
  }

  private func fault(at place: YAMLPlace, _ message: String) -> ConfigurationFault {
    ConfigurationFault(file: configuration.file, place: place, message)
  }

  private struct OpenSocket: ~Copyable {
    let socket: Socket
    let endpoints: [String]
  }
}
