import ArgumentParser
import AsyncHTTPClient

@main
struct ProvCLI: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "provcli", abstract: "Register and prove 3D assets.")
}
