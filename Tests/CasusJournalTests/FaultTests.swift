import CasusJournal
import CasusNames
import Testing

@Suite("A journal's fault")
struct FaultTests {
  private typealias Fault = CasusNames.ExitStatus.Fault

  @Test
  func `ends every program with the same code`() {
    let known: [(JournalError.Code, Fault)] = [
      (.absent, .missing), (.damaged, .data), (.lost, .data), (.unsupported, .data), (.locked, .inUse),
      (.occupied, .unwritable), (.tooManyFiles, .system), (.diskFull, .disk), (.readOnly, .disk), (.failed, .disk),
      (.io, .disk),
    ]
    for (code, fault) in known { #expect(Fault(JournalError(code, "EXERCISE")) == fault, "\(code)") }
  }

  @Test
  func `is no code that a broker, which has a journal, does not end with`() {
    for fault in [Fault.missing, .data, .inUse, .unwritable, .system, .disk] {
      #expect(CasusNames.ExitStatus(fault).row?.programs.contains(.broker) == true, "\(fault)")
    }
  }
}
