import ArgumentParser
import CasusLaunch
import CasusLedger
import CasusNames
import IJSON
import SystemFiles
import ZeroMQ

struct Keys: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Make, show, register, revoke and rotate keys.",
    discussion: """
      A plugin's key (CURVE) proves to the broker who publishes; a signer's key (Ed25519) signs positions and decisions.

      EXAMPLE: casus keys new jp.nisc/suricata-1 --out suricata-1.key
      """,
    subcommands: [Show.self, New.self, Register.self, Revoke.self, Rotate.self])

  struct Show: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Show the public keys of a home, or of one key file. Secret keys are never shown.",
      discussion: """
        The fingerprint is for two people who compare a key over the telephone after one has sent it to the other.

        EXAMPLE: casus keys show --json
        """)

    @OptionGroup var home: HomeOption

    @Argument(help: ArgumentHelp("A key file instead of a home.", valueName: "file"))
    var file: String?

    @Flag(help: "A JSON object a line.")
    var json = false

    func run() throws {
      let paths = file.map { [$0] } ?? home.folder.keyFiles()
      if paths.isEmpty { throw Failure(.noInput, "there are no keys in \(home.folder.keys)") }
      var table = Table(["for", "kind", "public key", "fingerprint", "file"])
      for path in paths {
        let key = try PublicKey(path)
        if json {
          Terminal.write(key.line(path))
        } else {
          table.add([key.owner, key.kind, key.text, key.fingerprint, path])
        }
      }
      if !json { Terminal.write(HarmlessText.shown(table.text, keeping: .lines)) }
    }
  }

  struct New: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Make a key pair and write it to a new file (mode 0600).",
      discussion: """
        The public key goes into the broker's registry (a plugin's) or into the policy (a signer's).

        EXAMPLE: casus keys new "JP EXERCISE director" --signer --out jp-director.key
        """)

    @Argument(help: ArgumentHelp("Whom the key is for: agency/plugin, or a signer's office.", valueName: "name"))
    var name: String

    @Option(help: ArgumentHelp("The file to write; one that exists is never overwritten.", valueName: "file"))
    var out: String

    @Flag(help: "A signer's key (Ed25519) instead of a plugin's (CURVE).")
    var signer = false

    @Flag(help: "One JSON object.")
    var json = false

    func validate() throws {
      if !signer, PluginName(name) == nil {
        throw ValidationError(
          "a plugin's name is agency/plugin, as jp.nisc/suricata-1; for a signer's key add --signer")
      }
    }

    func run() throws {
      do {
        if signer {
          try SignerKeyFile(comment: "casus signer \(name)", key: SigningKey.generate()).write(out)
        } else {
          try KeyFile(comment: "casus key \(name)", keys: CurveKeyPair.generate()).write(out)
        }
      } catch {
        throw Failure(writing: error)
      }
      let key = try PublicKey(out)
      Terminal.write(
        json
          ? key.line(out)
          : HarmlessText.shown("\(key.kind) \(key.text)  \(key.owner)") + "\nfingerprint \(key.fingerprint)\n")
    }
  }

  /// What a key file says that everyone may know.
  private struct PublicKey {
    var owner: String
    var kind: String
    var text: String

    /// Reads either kind; their public keys differ in length and alphabet.
    init(_ path: String) throws {
      if let file = try? SignerKeyFile.read(path) {
        owner = file.comment.trimmingPrefix("casus signer ").description
        kind = "signer"
        text = file.key.verifyingKey.hex
        return
      }
      do {
        let file = try KeyFile.read(path)
        owner = file.comment.trimmingPrefix("casus key ").description
        kind = "plugin"
        text = file.keys.publicKey.z85
      } catch {
        throw Failure(reading: error)
      }
    }

    var fingerprint: String { SpokenDigest.fingerprint(ofKey: text) }

    func line(_ path: String) -> String {
      return jsonLine { json in
        json.string("for", owner)
        json.string("kind", kind)
        json.string("public", text)
        json.string("fingerprint", fingerprint)
        json.string("file", path)
      }
    }
  }
}
