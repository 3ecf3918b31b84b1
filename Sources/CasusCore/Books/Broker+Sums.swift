extension Broker {
  /// What must hold whatever happened, looked at with each tick: nothing vanishes. A wrong count ends the process with its
  /// reason, before anybody believes it.
  func checkSums() {
    let left = sessions.all.reduce(0) { $0 + ($1.unfinished?.left ?? 0) }
    precondition(unfinishedBytes == left, "\(unfinishedBytes) bytes are counted as to be judged, \(left) are")
    if let error = bookError { preconditionFailure("the publishers' books do not add up: \(error)") }
    for state in subscriptions.all {
      precondition(
        state.addsUp,
        "\(state.identity)#\(state.name ?? ""): \(state.matched) matched are not \(state.acked) acknowledged, "
          + "\(state.pending.count) pending, \(state.quarantined) quarantined and \(state.dropped) dropped")
    }
  }
}
