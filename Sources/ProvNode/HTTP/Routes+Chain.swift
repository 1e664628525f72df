import HTTPTypes
import Hummingbird
import ProvChain

/// The chain itself, its blocks, and whether this node is well.
extension Routes {
    var chain: [Route] { [landing, chainView, condition, block, genesis, health, readiness, metrics] }

    private var landing: Route {
        Route(
            RouteDescription(
                method: .get, path: "/", id: "getLandingPage", summary: "What this is, for people",
                answers: [.bytes(MediaType.html, "A page with links.")])
        ) { [node] call in
            let page = LandingPage.html(try await node.chain())
            return call.answer(
                Array(page.utf8), type: MediaType.html,
                headers: [.contentSecurityPolicy: LandingPage.contentSecurityPolicy])
        }
    }

    private var chainView: Route {
        Route(
            RouteDescription(
                method: .get, path: "/api/v1/chain", id: "getChain", summary: "The chain and where this node stands",
                parameters: [Parameter.pretty.description],
                answers: [.json("Chain", "The chain after the latest block.")])
        ) { [node, apis] call in
            var view = try await node.chain()
            for place in view.validators.indices {
                if let url = apis[view.validators[place].name] { view.validators[place].url = url }
            }
            return try call.json(view)
        }
    }

    private var condition: Route {
        Route(
            RouteDescription(
                method: .get, path: "/api/v1/node", id: "getNode",
                summary: "This node, the validators as it sees them, and why blocks come or do not",
                parameters: [Parameter.pretty.description],
                answers: [.json("Node", "The node at this moment.")])
        ) { [node] call in try call.json(await node.condition()) }
    }

    private var block: Route {
        Route(
            RouteDescription(
                method: .get, path: "/api/v1/blocks/{height}", id: "getBlock", summary: "A final block",
                parameters: [Parameter.height.description, Parameter.pretty.description],
                answers: [.json("Block", "The block.")], problems: [.badRequest, .notFound])
        ) { [node] call in
            let view: BlockView?
            switch try call.require(.height) {
            case .latest:
                view = try await node.block(nil)
                guard view != nil else { throw Problem.notFound(Phrase("The chain has no block yet.", "链上还没有区块。")) }
            case .height(let height):
                view = try await node.block(height)
                guard view != nil else {
                    throw Problem.notFound(
                        Phrase("This node has no block \(height).", "本节点没有区块 \(height)。"), ["height": String(height)])
                }
            }
            return try call.json(view)
        }
    }

    private var genesis: Route {
        Route(
            RouteDescription(
                method: .get, path: "/api/v1/genesis", id: "getGenesis", summary: "The file that the chain began with",
                answers: [.bytes(MediaType.cbor, "The genesis file.")])
        ) { [node] call in
            call.answer(
                node.genesisFile, type: MediaType.cbor,
                headers: [.contentDisposition: "attachment; filename=\"genesis.cbor\""])
        }
    }

    private var health: Route {
        Route(
            RouteDescription(
                method: .get, path: "/healthz", id: "getHealth", summary: "Whether the process answers",
                answers: [.bytes(MediaType.text, "`ok`")])
        ) { call in call.answer(Array("ok\n".utf8), type: MediaType.text, caching: Caching.never) }
    }

    private var readiness: Route {
        Route(
            RouteDescription(
                method: .get, path: "/readyz", id: "getReadiness",
                summary: "Whether the node takes statements and answers from a current state",
                answers: [.bytes(MediaType.text, "`ready`")], problems: [.serviceUnavailable])
        ) { [node] call in
            guard await node.isReady() else { throw Problem.notReady }
            return call.answer(Array("ready\n".utf8), type: MediaType.text, caching: Caching.never)
        }
    }

    private var metrics: Route {
        Route(
            RouteDescription(
                method: .get, path: "/metrics", id: "getMetrics", summary: "The node's measurements, for Prometheus",
                answers: [.bytes(MetricsText.contentType, "Prometheus' text format 0.0.4.")])
        ) { [node, requests] call in
            var text = MetricsText()
            ProcessMetrics.current().write(to: &text)
            await node.metrics().write(to: &text)
            text.single(
                "provchain_event_subscribers", .gauge, "Clients that follow the events.", UInt64(node.feed.subscribers))
            requests.write(to: &text)
            return call.answer(text.bytes, type: MetricsText.contentType, caching: Caching.never)
        }
    }
}
