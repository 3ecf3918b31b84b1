internal import CCrypto

/// Overwrites a secret in a way that the compiler doesn't remove.
func wipe(_ bytes: UnsafeMutableRawBufferPointer) {
  casus_wipe(bytes.baseAddress, bytes.count)
}
