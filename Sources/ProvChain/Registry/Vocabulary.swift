// Numbers that stand on the chain. They are only ever added to.

/// What kind of creation a work is.
public enum WorkCategory: UInt64, Sendable, CaseIterable {
    case model3D = 1, scene, digitalHuman, digitalTwin, textureSet, animation, image, audio, video
    case publication, collectionItem, aiGenerated

    /// The word used on command lines and in JSON.
    public var name: String {
        switch self {
        case .model3D: "3d-model"
        case .scene: "scene"
        case .digitalHuman: "digital-human"
        case .digitalTwin: "digital-twin"
        case .textureSet: "texture-set"
        case .animation: "animation"
        case .image: "image"
        case .audio: "audio"
        case .video: "video"
        case .publication: "publication"
        case .collectionItem: "collection-item"
        case .aiGenerated: "ai-generated"
        }
    }
}

/// On what ground a claimant claims a work.
public enum ClaimBasis: UInt64, Sendable, CaseIterable {
    case author = 1, employment, commission, assignment, licence, publicDomain

    public var name: String {
        switch self {
        case .author: "author"
        case .employment: "employment"
        case .commission: "commission"
        case .assignment: "assignment"
        case .licence: "licence"
        case .publicDomain: "public-domain"
        }
    }
}

/// What a piece of evidence about the time before registration is.
public enum EvidenceKind: UInt64, Sendable, CaseIterable {
    case sourceFile = 1, toolLog, captureDevice, contract, notarialDeed, timestampToken, c2paManifest, witness

    public var name: String {
        switch self {
        case .sourceFile: "source-file"
        case .toolLog: "tool-log"
        case .captureDevice: "capture-device"
        case .contract: "contract"
        case .notarialDeed: "notarial-deed"
        case .timestampToken: "timestamp-token"
        case .c2paManifest: "c2pa-manifest"
        case .witness: "witness"
        }
    }
}

public enum PartyKind: UInt64, Sendable, CaseIterable {
    case person = 1, organisation, agent

    public var name: String { "\(self)" }
}

/// What a party or a member may do beyond what everyone may.
public enum Role: UInt64, Sendable, CaseIterable {
    case administrator = 1, registrar, copyrightReviewer, contentReviewer, issuer, arbiter
    case regulatorObserving, regulatorActing, auditor

    public var name: String {
        switch self {
        case .administrator: "administrator"
        case .registrar: "registrar"
        case .copyrightReviewer: "copyright-reviewer"
        case .contentReviewer: "content-reviewer"
        case .issuer: "issuer"
        case .arbiter: "arbiter"
        case .regulatorObserving: "regulator-observing"
        case .regulatorActing: "regulator-acting"
        case .auditor: "auditor"
        }
    }
}

/// Where an offer of title stands. That its deadline passed is never stored: time alone changes nothing.
public enum OfferStatus: UInt64, Sendable, CaseIterable {
    case open = 0, accepted, declined, cancelled

    public var name: String { "\(self)" }
}

extension CBORReader {
    /// A number of one of the vocabularies above.
    mutating func vocabulary<V: RawRepresentable<UInt64>>(_ type: V.Type) throws(CBORError) -> V {
        let start = offset
        let number = try uint()
        guard let value = V(rawValue: number) else {
            throw CBORError(.invalidValue("\(number) is not a known \(V.self)"), at: start)
        }
        return value
    }
}
