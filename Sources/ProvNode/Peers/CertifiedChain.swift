import ProvChain

/// Headers of final blocks as one peer gave them: each the child of the one before, up to a certified one, no further
/// than the end of the epoch.
///
/// Blocks are committed together up to each of the ``stops``, by the certificate of the header there: it goes into the
/// log, and consensus goes on from its view. So each of these has to be proven, not the last one alone. The others say
/// nothing that these do not, and are dropped.
struct CertifiedChain: Sendable {
    /// With a certificate at the stops only.
    let headers: [CertifiedHeader]
    /// Places of certified headers, ascending; the last header is one.
    let stops: [Int]
    private let epoch: EpochRecord

    /// Blocks made durable at a time, at least: one wait for the disk, and one certificate to check.
    static let stopBlocks = 8

    /// `nil` if these are not the headers after the tip, or none is certified.
    init?(_ items: [[UInt8]], after tip: Tip) throws(CBORError) {
        var found: [CertifiedHeader] = []
        var parent = tip.blockID
        for item in items {
            let next = try CertifiedHeader(cbor: item)
            guard next.header.parent == parent, next.header.height == tip.header.height + 1 + UInt64(found.count)
            else { return nil }
            parent = next.header.id
            found.append(next)
            if next.header.nextEpochRecord != nil { break }
        }
        guard let end = found.lastIndex(where: { $0.finality != nil }) else { return nil }
        var stops: [Int] = []
        var headers: [CertifiedHeader] = []
        for (place, next) in found[...end].enumerated() {
            let isLongEnough = place - (stops.last ?? -1) >= Self.stopBlocks
            let isStop = place == end || next.finality != nil && isLongEnough
            if isStop { stops.append(place) }
            headers.append(isStop ? next : CertifiedHeader(header: next.header, finality: nil))
        }
        self.headers = headers
        self.stops = stops
        epoch = tip.epoch
    }

    /// True if a quorum of the epoch's validators finalized the header at this place.
    func isProven(at place: Int) -> Bool {
        guard let finality = headers[place].finality else { return false }
        do throws(FinalityCertificate.Fault) {
            try finality.verify(headers[place].header, epoch: epoch)
            return true
        } catch {
            return false
        }
    }
}
