import Glibc
import Synchronization
import SystemFiles
import Testing

@Suite struct MailboxTests {
  private func hasRung(_ bell: WakeUp) -> Bool {
    var item = pollfd(fd: bell.fileDescriptor, events: Int16(POLLIN), revents: 0)
    return poll(&item, 1, 0) == 1
  }

  @Test func `messages come out in their order and once`() throws {
    let mailbox = try Mailbox<[Int]>([])
    #expect(!mailbox.hasNews && mailbox.take() == [])
    for number in 1...3 { mailbox.post(number) }
    #expect(mailbox.hasNews && hasRung(mailbox.bell))
    mailbox.wait()
    #expect(mailbox.take() == [1, 2, 3])
    #expect(!mailbox.hasNews && mailbox.take() == [])
  }

  @Test func `the bell rings once until the news is taken`() throws {
    let mailbox = try Mailbox<[Int]>([])
    mailbox.post(1)
    mailbox.bell.clear()
    mailbox.post(2)
    #expect(!hasRung(mailbox.bell))
    _ = mailbox.take()
    mailbox.post(3)
    #expect(hasRung(mailbox.bell))
  }

  @Test func `a change that is no news does not ring`() throws {
    let mailbox = try Mailbox<Set<String>>([])
    mailbox.change { _ in false }
    #expect(!mailbox.hasNews && !hasRung(mailbox.bell))
  }

  @Test func `nothing is lost between two threads`() throws {
    let mailbox = try Mailbox<[Int]>([])
    let thread = try OwnedThread(name: "post") { for number in 0..<10_000 { mailbox.post(number) } }
    var taken: [Int] = []
    while taken.count < 10_000 {
      mailbox.wait()
      taken += mailbox.take()
    }
    thread.join()
    #expect(taken == Array(0..<10_000))
  }

  @Test func `a worker does its jobs in order and all of them before it stops`() throws {
    let worker = try Worker(name: "work")
    let done = Shared()
    for number in 0..<1_000 { worker.add { done.add(number) } }
    worker.stop()
    #expect(done.numbers == Array(0..<1_000))
  }

  @Test func `the steady clock does not go back`() {
    let first = SystemClock.steady()
    #expect(SystemClock.steady() >= first)
    #expect(SystemClock.wall() > 1_600_000_000_000_000_000)
  }
}

private final class Shared: Sendable {
  private let list = Mutex<[Int]>([])
  func add(_ number: Int) { list.withLock { $0.append(number) } }
  var numbers: [Int] { list.withLock { $0 } }
}
