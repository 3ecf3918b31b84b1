import CZeroMQ

extension Socket {
  /// Makes this socket a CURVE server with the pair `keys`, whose clients the ZAP handler judges under `domain`.
  ///
  /// libzmq fails open: without a handler, or with an empty domain, it lets any key in. So enforcement is always turned
  /// on here and an empty domain stops the program. Start the `ZAPHandler` before binding, and prove with a wrong key
  /// that it refuses before the port is opened to others.
  public func becomeCurveServer(_ keys: CurveKeyPair, domain: String) throws(ZeroMQError) {
    precondition(!domain.isEmpty, "an empty ZAP domain lets every key in")
    try set(ZMQ_ZAP_DOMAIN, domain, "ZMQ_ZAP_DOMAIN")
    try becomeCurveServerWithoutDomain(keys)
  }

  /// What libzmq lets a program do by mistake, for the test that shows why the domain matters.
  func becomeCurveServerWithoutDomain(_ keys: CurveKeyPair) throws(ZeroMQError) {
    try set(ZMQ_ZAP_ENFORCE_DOMAIN, 1 as Int32, "ZMQ_ZAP_ENFORCE_DOMAIN")
    try set(ZMQ_CURVE_SERVER, 1 as Int32, "ZMQ_CURVE_SERVER")
    try setKey(ZMQ_CURVE_SECRETKEY, keys.secretKey.bytes, "ZMQ_CURVE_SECRETKEY")
  }

  /// Makes this socket a CURVE client with the pair `keys` that talks only to the owner of `server`.
  public func becomeCurveClient(_ keys: CurveKeyPair, server: CurvePublicKey) throws(ZeroMQError) {
    try setKey(ZMQ_CURVE_SERVERKEY, server.bytes, "ZMQ_CURVE_SERVERKEY")
    try setKey(ZMQ_CURVE_PUBLICKEY, keys.publicKey.bytes, "ZMQ_CURVE_PUBLICKEY")
    try setKey(ZMQ_CURVE_SECRETKEY, keys.secretKey.bytes, "ZMQ_CURVE_SECRETKEY")
  }

  /// Makes this socket a PLAIN server, whose clients' names the ZAP handler judges under `domain`. Nothing is encrypted and
  /// a name proves nothing: for measurements on one machine.
  public func becomePlainServer(domain: String) throws(ZeroMQError) {
    precondition(!domain.isEmpty, "an empty ZAP domain lets everybody in")
    try set(ZMQ_ZAP_DOMAIN, domain, "ZMQ_ZAP_DOMAIN")
    try set(ZMQ_ZAP_ENFORCE_DOMAIN, 1 as Int32, "ZMQ_ZAP_ENFORCE_DOMAIN")
    try set(ZMQ_PLAIN_SERVER, 1 as Int32, "ZMQ_PLAIN_SERVER")
  }

  /// Makes this socket a PLAIN client under a name.
  public func becomePlainClient(name: String) throws(ZeroMQError) {
    try set(ZMQ_PLAIN_USERNAME, name, "ZMQ_PLAIN_USERNAME")
    try set(ZMQ_PLAIN_PASSWORD, "none", "ZMQ_PLAIN_PASSWORD")
  }

  private func setKey(_ option: Int32, _ key: [UInt8], _ name: StaticString) throws(ZeroMQError) {
    checkOwner()
    guard zmq_setsockopt(raw, option, key, key.count) == 0 else { throw .last(name) }
  }
}
