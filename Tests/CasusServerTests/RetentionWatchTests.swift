import Testing

@testable import CasusCore
@testable import CasusJournal
@testable import CasusServer

@Suite struct RetentionWatchTests {
  private let owner = SubscriptionOwner(identity: "jp.test/b", name: "mine")

  private func watch(cuts: Bool) -> RetentionWatch {
    var policy = RetentionPolicy()
    policy.maxBytes = 1
    policy.cutsNeeded = cuts
    policy.grace = 10
    return RetentionWatch(policy)
  }

  private func held(_ last: UInt64) -> [PruneReport.Held] {
    [.init(segment: "s", first: 1, last: last, neededBy: ["jp.test/b#mine"])]
  }

  @Test func `who holds something back is announced once until it does no more`() {
    var watch = watch(cuts: false)
    let answer1 = watch.judge(held(5), [owner: 3], at: 0)
    #expect(answer1 == .init(announced: [owner: 3...5]))
    let answer2 = watch.judge(held(9), [owner: 4], at: 1_000_000_000_000)
    #expect(answer2 == .init())
    #expect(watch.held[owner]?.last == 9)
    let answer3 = watch.judge([], [owner: 10], at: 2)
    #expect(answer3 == .init())
    let answer4 = watch.judge(held(20), [owner: 10], at: 3)
    #expect(answer4 == .init(announced: [owner: 10...20]))
  }

  @Test func `a cut comes only after the grace and once`() {
    var watch = watch(cuts: true)
    let answer5 = watch.judge(held(5), [owner: 3], at: 0)
    #expect(answer5 == .init(announced: [owner: 3...5]))
    let answer6 = watch.judge(held(5), [owner: 3], at: 9_999_999_999)
    #expect(answer6 == .init())
    let answer7 = watch.judge(held(5), [owner: 3], at: 10_000_000_000)
    #expect(answer7 == .init(cut: [owner: 3...5]))
    let answer8 = watch.judge(held(5), [owner: 3], at: 11_000_000_000)
    #expect(answer8 == .init())
    watch.drop(3, of: owner)
    let dropped = watch.hasCut(owner)
    #expect(dropped == 3)
    let answer9 = watch.judge(held(8), [owner: 6], at: 12_000_000_000)
    #expect(answer9 == .init(announced: [owner: 6...8]))
  }

  @Test func `ages that no clock reaches are for ever`() {
    var policy = RetentionPolicy()
    (policy.heldAge, policy.grace, policy.gone, policy.cutsNeeded) = (1 << 40, .max, .max, true)
    var watch = RetentionWatch(policy)
    let judgement = watch.judge(held(5), [owner: 3], gone: [owner], at: 0, wall: 1_800_000_000_000_000_000)
    #expect(judgement == .init(announced: [owner: 3...5]))
  }

  @Test func `more than one may hold goes at once though it is kept`() {
    var policy = RetentionPolicy()
    policy.maxBytes = 1
    policy.heldBytes = 250
    policy.heldAge = 100
    var watch = RetentionWatch(policy)
    func segments(_ count: UInt64) -> [PruneReport.Held] {
      (0..<count).map {
        .init(
          segment: "s\($0)", first: $0 * 10 + 1, last: $0 * 10 + 10, neededBy: ["jp.test/b#mine"], bytes: 100,
          end: $0 * 1_000_000_000)
      }
    }
    let within = watch.judge(segments(2), [owner: 3], at: 0)
    #expect(within == .init(announced: [owner: 3...20]))
    let large = watch.judge(segments(4), [owner: 3], at: 1)
    #expect(large == .init(cut: [owner: 3...20]))
    let twice = watch.judge(segments(4), [owner: 3], at: 2)
    #expect(twice == .init())
    _ = watch.hasCut(owner)
    // By age: what ended more than 100 s ago; and not while the journal's times are not to be trusted.
    let uncertain = watch.judge(segments(2), [owner: 3], at: 3)
    #expect(uncertain == .init(announced: [owner: 3...20]))
    let old = watch.judge(segments(2), [owner: 3], at: 4, wall: 100_500_000_000)
    #expect(old == .init(cut: [owner: 3...10]))
  }

  @Test func `who is not registered is forgotten after a grace`() {
    var policy = RetentionPolicy()
    policy.maxBytes = 1
    policy.gone = 10
    var watch = RetentionWatch(policy)
    let first = watch.judge([], [owner: 3], gone: [owner], at: 0)
    #expect(first == .init())
    let early = watch.judge([], [owner: 3], gone: [owner], at: 9_000_000_000)
    #expect(early == .init())
    // Known again in between: the grace begins anew.
    let known = watch.judge([], [owner: 3], at: 9_500_000_000)
    #expect(known == .init())
    let again = watch.judge([], [owner: 3], gone: [owner], at: 11_000_000_000)
    #expect(again == .init())
    let late = watch.judge([], [owner: 3], gone: [owner], at: 21_000_000_000)
    #expect(late == .init(forgotten: [owner]))
  }

  @Test func `the watchdog is fed after a commit and a delivery of the same round`() {
    var watchdog = Watchdog(within: 3_000, at: 0)
    let answer10 = watchdog.begins(at: 0)
    #expect(answer10)
    let answer11 = watchdog.begins(at: 5_000)
    #expect(!answer11)
    watchdog.delivered()
    let answer12 = watchdog.isFed(at: 10)
    #expect(!answer12)
    watchdog.committed()
    let answer13 = watchdog.isFed(at: 20)
    #expect(answer13)
    let answer14 = watchdog.isFed(at: 21)
    #expect(!answer14)
    // What is late belongs to no round.
    watchdog.committed()
    let answer15 = watchdog.begins(at: 1_019)
    #expect(!answer15)
    let answer16 = watchdog.begins(at: 1_020)
    #expect(answer16)
    watchdog.delivered()
    let answer17 = watchdog.isFed(at: 1_030)
    #expect(!answer17)
  }
}
