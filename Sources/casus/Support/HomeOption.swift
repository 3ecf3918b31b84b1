import ArgumentParser
import CasusLaunch
import Glibc

/// `--home`, for every command that needs to know where the broker is.
struct HomeOption: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "The folder that casus up made; CASUS_HOME, or ./casus-home when that is not set.", valueName: "dir"))
  var home: String?

  var folder: Home {
    let variable = getenv("CASUS_HOME").map { String(cString: $0) }.flatMap { $0.isEmpty ? nil : $0 }
    return Home(path: home ?? variable ?? "casus-home")
  }
}
