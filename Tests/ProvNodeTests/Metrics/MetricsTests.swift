import HTTPTypes
import HummingbirdTesting
import ProvChain
import Testing

@testable import ProvNode

/// The text format, byte by byte, and what the page counts.
@Suite struct MetricsTests {
    private func text(_ write: (inout MetricsText) -> Void) -> String {
        var text = MetricsText()
        write(&text)
        return String(decoding: text.bytes, as: UTF8.self)
    }

    /// The example of the format's documentation, with its escapes.
    @Test func aFamilyHasHelpTypeAndSamples() {
        let written = text {
            $0.family("msdos_file_access_time_seconds", .gauge, "Last access, \\ and\nlines")
            $0.sample(
                "msdos_file_access_time_seconds", 1.458255915e9,
                [("path", "C:\\DIR\\FILE.TXT"), ("error", "Cannot find file:\n\"FILE\"")])
            $0.sample("plain", 0.25)
        }
        #expect(
            written == #"""
                # HELP msdos_file_access_time_seconds Last access, \\ and\nlines
                # TYPE msdos_file_access_time_seconds gauge
                msdos_file_access_time_seconds{path="C:\\DIR\\FILE.TXT",error="Cannot find file:\n\"FILE\""} 1458255915
                plain 0.25

                """#)
    }

    @Test func aHistogramIsCumulativeAndItsBoundsAreInclusive() {
        var histogram = Histogram(bounds: [0.1, 1])
        for seconds in [0.05, 0.1, 0.5, 7] { histogram.record(seconds) }
        #expect(
            text { $0.samples("h", histogram, [("route", "/")]) } == """
                h_bucket{route="/",le="0.1"} 2
                h_bucket{route="/",le="1"} 3
                h_bucket{route="/",le="+Inf"} 4
                h_sum{route="/"} 7.65
                h_count{route="/"} 4

                """)
    }

    @Test func oddNumbersAreWrittenAsTheFormatWantsThem() {
        let written = text {
            for value in [Double.infinity, -.infinity, .nan, 1e-5, 1e21, -3] { $0.sample("x", value) }
        }
        #expect(written == "x +Inf\nx -Inf\nx NaN\nx 1e-05\nx 1e+21\nx -3\n")
    }

    @Test func requestsAreCountedByRouteAndStatusAndStrangersUnderOneName() {
        let requests = RequestMetrics()
        let route = RouteDescription(method: .get, path: "/a/{b}", id: "a", summary: "", answers: [])
        requests.record(route, status: 404, seconds: 2)
        requests.record(route, status: 200, seconds: 0.25)
        requests.record(route, status: 200, seconds: 0.25)
        requests.record(nil, status: 405, seconds: 0.25)
        let lines = text { requests.write(to: &$0) }.split(separator: "\n").filter { !$0.hasPrefix("#") }
        #expect(
            lines.prefix(3) == [
                #"provchain_http_requests_total{route="none",method="none",status="405"} 1"#,
                #"provchain_http_requests_total{route="/a/{b}",method="GET",status="200"} 2"#,
                #"provchain_http_requests_total{route="/a/{b}",method="GET",status="404"} 1"#,
            ])
        #expect(
            lines.contains(
                #"provchain_http_request_duration_seconds_bucket{route="/a/{b}",method="GET",le="0.25"} 2"#))
        #expect(lines.contains(#"provchain_http_request_duration_seconds_sum{route="/a/{b}",method="GET"} 2.5"#))
    }

    @Test func aNodeSaysHowFarItsStoresAreBehind() {
        let metrics = NodeMetrics(height: 9, time: 1_500, logHeight: 9, stateHeight: 4, indexHeight: nil)
        let lines = text { metrics.write(to: &$0) }.split(separator: "\n")
        #expect(lines.contains("provchain_height 9"))
        #expect(lines.contains("provchain_block_time_seconds 1.5"))
        #expect(lines.contains(#"provchain_lag_blocks{store="log"} 0"#))
        #expect(lines.contains(#"provchain_lag_blocks{store="state"} 5"#))
        #expect(lines.contains(#"provchain_lag_blocks{store="index"} 9"#))
    }

    @Test func refusalsAreCountedByRuleAndStage() {
        var metrics = NodeMetrics()
        metrics.statistics.refused(.expired, at: .block)
        metrics.statistics.refused(.expired, at: .submission)
        metrics.statistics.refused(.expired, at: .submission)
        let name = "provchain_statements_refused_total"
        let lines = text { metrics.write(to: &$0) }.split(separator: "\n").filter { $0.hasPrefix(name) }
        #expect(
            lines == [
                #"\#(name){rule="statement.expired",stage="block"} 1"#,
                #"\#(name){rule="statement.expired",stage="submission"} 2"#,
            ])
    }

    @Test func theProcessIsMeasured() {
        let process = ProcessMetrics.current()
        #expect(process.residentBytes > 1 << 20)
        #expect((3..<process.maximumDescriptors).contains(process.openDescriptors))
        #expect(process.cpuSeconds > 0)
        #expect(process.uptimeSeconds >= 0)
    }

    @Test func thePageIsServed() async throws {
        let response = try await send(.get, "/metrics")
        #expect(response.status == .ok)
        #expect(response.headers[.contentType] == "text/plain; version=0.0.4; charset=utf-8")
        #expect(response.headers[.cacheControl] == "no-store")
        #expect(response.text.contains("\nprovchain_height 7\n"))
        #expect(response.text.contains("provchain_build_info{version=\"\(Software.version)\"} 1\n"))
    }
}
