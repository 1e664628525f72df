import ArgumentParser
import AsyncHTTPClient
import GRDB
import Hummingbird
import ServiceLifecycle
import TOMLKit

@main
struct ProvNode: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "provnode", abstract: "A member organisation's node.")
}
