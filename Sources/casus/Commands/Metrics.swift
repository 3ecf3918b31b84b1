import ArgumentParser
import CasusEvents
import CasusNames
import CasusPlugin
import CasusWire
import Glibc
import SystemFiles

/// The broker's figures for Prometheus.
struct Metrics: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Print the broker's figures and alerts in Prometheus' text format.",
    discussion: """
      With --listen it stays and answers Prometheus itself, at http://ADDRESS/metrics: on this machine alone, for the page asks for no key. The \
      broker is asked anew for each reading; where it does not answer, the page is a 503 with the reason. Each reading is a session of its own.

      Or for node_exporter's textfile collector, by a timer: --out replaces the file as a whole, so that nobody reads half of \
      it. When no broker answers, the file stays as it is and casus_status_seconds grows old: an alert of \
      deploy/prometheus/casus.rules.yaml tells it. The broker itself opens no port for either.

      EXAMPLE: casus metrics --listen 127.0.0.1:9464
      EXAMPLE: casus metrics --out /var/lib/prometheus/node-exporter/casus.prom
      """)

  @OptionGroup var link: LinkOptions

  @Option(help: ArgumentHelp("Write there instead, mode 0644.", valueName: "file"))
  var out: String?

  @Option(
    help: ArgumentHelp(
      "Answer Prometheus there, until the command is ended: 127.0.0.1:PORT or [::1]:PORT.", valueName: "address"))
  var listen: String?

  func validate() throws {
    if out != nil, listen != nil { throw ValidationError("--out and --listen exclude each other") }
  }

  func run() async throws {
    if let listen { return try await serve(try MetricsPort(listen)) }
    let text = try await text()
    guard let out else { return Terminal.write(text) }
    do throws(SystemError) {
      try Files.replace(out, with: Array(text.utf8), mode: 0o644, sync: false)
    } catch { throw Failure(writing: error) }
  }

  private func text() async throws -> String {
    let bytes = try await link.withBus("metrics") { bus in try await bus.request("status", [:]) }
    return MetricsText(try StatusView.decode(bytes)).text
  }

  private func serve(_ port: MetricsPort) async throws {
    Terminal.write("\(port.address)\n")
    // A reader that goes away is no reason to end.
    signal(SIGPIPE, SIG_IGN)
    let work = Task {
      try await port.serve {
        do { return HTTPAnswer(status: 200, text: try await text(), type: MetricsText.mediaType) } catch {
          return HTTPAnswer(status: 503, text: "\((error as? Failure)?.message ?? "\(error)")\n")
        }
      }
    }
    let interrupt = Interrupt { work.cancel() }
    defer { interrupt.cancel() }
    try await work.value
  }
}
