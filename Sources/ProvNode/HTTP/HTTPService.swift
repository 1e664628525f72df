import Hummingbird
import HummingbirdCore
import Logging
import NIOCore
import ServiceLifecycle

/// The node's HTTP server.
///
/// ``run()`` returns once the service group shuts down and the requests under way have been answered, at the
/// latest ``RequestLimits/drainSeconds`` later, when those that are left are cancelled.
struct HTTPService: Service {
    private let node: any NodeAPI
    private let host: String
    private let port: Int
    private let logger: Logger
    private let onBound: @Sendable (String, Int) -> Void
    private let drain: Duration
    private let audiences: Audiences
    private let apis: [String: String]

    /// - Parameters:
    ///   - host: the address to listen on.
    ///   - port: 0 lets the system choose.
    ///   - publicURL: scheme, host and port under which clients know the node, if not where it listens.
    ///   - apis: where validators answer clients, by member name.
    ///   - drain: how long requests under way may take once the service shuts down.
    ///   - onBound: is told the address and port in use, once the server listens.
    init(
        node: any NodeAPI, host: String, port: Int, logger: Logger, publicURL: String? = nil,
        apis: [String: String] = [:],
        drain: Duration = .seconds(RequestLimits.drainSeconds),
        onBound: @escaping @Sendable (String, Int) -> Void = { _, _ in }
    ) {
        self.node = node
        self.host = host
        self.port = port
        self.logger = logger
        self.drain = drain
        self.onBound = onBound
        self.apis = apis
        audiences = Audiences(publicURL: publicURL)
    }

    func run() async throws {
        var configuration = ServiceGroupConfiguration(services: [application], logger: logger)
        configuration.maximumGracefulShutdownDuration = drain
        try await ServiceGroup(configuration: configuration).run()
    }

    var application: Application<RouterResponder<BasicRequestContext>> {
        Application(
            router: HTTPService.router(Routes(node: node, audiences: audiences, apis: apis)),
            server: .http1(
                configuration: HTTP1Channel.Configuration(
                    additionalChannelHandlers: [ExchangeHandler()],
                    idleTimeout: .seconds(Int64(RequestLimits.idleSeconds)),
                    httpDecoderConfiguration: .init(
                        maxHeaderFieldSize: RequestLimits.headerFieldBytes,
                        maxHeaderListSize: RequestLimits.headerBytes,
                        maxHeaderFieldCount: RequestLimits.headerFields))),
            configuration: ApplicationConfiguration(
                address: .hostname(host, port: port), backlog: RequestLimits.backlog,
                availableConnectionsDelegate: .maximum(RequestLimits.connections, logger: logger)),
            onServerRunning: { [onBound, audiences] channel in
                guard let address = channel.localAddress, let port = address.port else { return }
                audiences.listening(host: address.ipAddress ?? "", port: port)
                onBound(address.ipAddress ?? "", port)
            },
            logger: logger)
    }

    static func router(_ routes: Routes) -> Router<BasicRequestContext> {
        let router = Router(context: BasicRequestContext.self, options: [.autoGenerateHeadEndpoints])
        let all = routes.all
        router.add(middleware: Edge(table: RouteTable(all.map(\.description)), requests: routes.requests))
        for route in all {
            router.on(route.description.routerPath, method: route.description.method) { request, _ in
                try await route.respond(try Call(request, route: route.description))
            }
        }
        return router
    }
}
