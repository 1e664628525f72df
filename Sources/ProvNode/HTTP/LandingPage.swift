import ProvChain

/// The page that a person sees who opens the node's address: which chain this is, and where to read on.
/// It loads nothing, from here or elsewhere.
enum LandingPage {
    static let contentSecurityPolicy =
        "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

    static func html(_ chain: ChainView) -> String {
        """
        <!doctype html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width">
        <title>\(escaped(chain.origin)) – ProvChain</title>
        <style>
        body { font: 1rem/1.5 sans-serif; max-width: 45rem; margin: 2rem auto; padding: 0 1rem }
        dt { font-weight: bold } dd { margin: 0 0 .5rem; overflow-wrap: anywhere }
        </style>
        </head>
        <body>
        <h1>\(escaped(chain.origin))</h1>
        <p>A ProvChain node: a public record of who claims, owns and may use which 3D asset.</p>
        <dl>
        <dt>Chain</dt><dd>\(escaped(chain.chain))</dd>
        <dt>Height</dt><dd>\(chain.height)</dd>
        <dt>Leaves in the log</dt><dd>\(chain.size)</dd>
        <dt>Validators</dt><dd>\(chain.validators.count)</dd>
        <dt>Software</dt><dd>\(escaped(chain.software))</dd>
        </dl>
        <ul>
        <li><a href="/api/v1/openapi.json?pretty">The API, described in OpenAPI</a></li>
        <li><a href="/api/v1/chain?pretty">The chain</a></li>
        <li><a href="/api/v1/blocks/latest?pretty">The latest block</a></li>
        <li><a href="/log/checkpoint">The latest checkpoint of the log</a></li>
        <li><a href="/api/v1/genesis">The genesis file</a></li>
        </ul>
        </body>
        </html>

        """
    }

    /// Text between tags.
    static func escaped(_ text: String) -> String {
        var result = ""
        for character in text.unicodeScalars {
            switch character {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "\"": result += "&quot;"
            case "'": result += "&#39;"
            default: result.unicodeScalars.append(character)
            }
        }
        return result
    }
}
