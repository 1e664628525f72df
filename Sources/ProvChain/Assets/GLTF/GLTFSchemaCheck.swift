/// Compares a JSON document with the schema's tables, and notes every deviation.
struct GLTFSchemaCheck {
    let root: StrictJSON
    var issues: IssueList
    /// Names of `extensions` members, with the place of the first.
    private(set) var extensions: [JSONText: String] = [:]
    private var path: [String] = []

    init(root: StrictJSON, issues: IssueList) {
        self.root = root
        self.issues = issues
    }

    /// The path as a JSON pointer; the whole document is the empty one.
    private func pointer(_ last: JSONText? = nil) -> String {
        (path + (last.map { [$0.pointerToken] } ?? [])).map { "/" + $0 }.joined()
    }

    private mutating func within(_ token: String, _ body: (inout GLTFSchemaCheck) -> Void) {
        path.append(token)
        body(&self)
        path.removeLast()
    }

    mutating func run() {
        guard let members = root.object else { return issues.add(.typeMismatch, "") }
        checkObject(members, GLTFSchema.root, known: Set(GLTFCollection.allCases.map(\.key)))
        for collection in GLTFCollection.allCases {
            guard let value = members[collection.key] else { continue }
            within(collection.rawValue) { $0.checkCollection(value, GLTFSchema.properties(collection)) }
        }
    }

    private mutating func checkCollection(_ value: StrictJSON, _ properties: [GLTFProperty]) {
        guard let elements = value.array else { return issues.add(.typeMismatch, pointer()) }
        if elements.isEmpty { issues.add(.emptyEntity, pointer()) }
        for (number, element) in elements.enumerated() {
            within(String(number)) { check in
                if let members = element.object {
                    check.checkObject(members, properties + [.optional("name", .text)])
                } else {
                    check.issues.add(.typeMismatch, check.pointer())
                }
            }
        }
    }

    private mutating func checkObject(
        _ members: [JSONText: StrictJSON], _ properties: [GLTFProperty], known: Set<JSONText> = []
    ) {
        for property in properties {
            if let value = members[property.name] {
                within(property.name.pointerToken) { $0.check(value, property.rule) }
            } else if property.isRequired {
                issues.add(.undefinedProperty, pointer())
            }
        }
        let named = known.union(properties.map(\.name))
        for (key, _) in members.inOrder where !named.contains(key) && key != "extensions" && key != "extras" {
            issues.add(.unexpectedProperty, pointer(key))
        }
        if let value = members["extensions"] { within("extensions") { $0.checkExtensions(value) } }
    }

    private mutating func checkExtensions(_ value: StrictJSON) {
        guard let members = value.object else { return issues.add(.typeMismatch, pointer()) }
        for (name, content) in members.inOrder {
            if content.object == nil { issues.add(.typeMismatch, pointer(name)) }
            if extensions[name] == nil { extensions[name] = pointer(name) }
        }
    }

    private mutating func check(_ value: StrictJSON, _ rule: GLTFSchemaRule) {
        switch rule {
        case .integer(let range, let factor): checkInteger(value, range, factor)
        case .integerAmong(let list):
            guard let number = value.integer else { return issues.add(.typeMismatch, pointer()) }
            if !list.contains(number) { issues.add(.valueNotInList, pointer()) }
        case .number(let minimum, let exclusive, let maximum):
            guard let number = value.number else { return issues.add(.typeMismatch, pointer()) }
            if !number.isFinite || number < minimum || number > maximum || (exclusive && number == minimum) {
                issues.add(.valueNotInRange, pointer())
            }
        case .boolean: if value.bool == nil { issues.add(.typeMismatch, pointer()) }
        case .text: if value.text == nil { issues.add(.typeMismatch, pointer()) }
        case .word(let list):
            guard let text = value.text else { return issues.add(.typeMismatch, pointer()) }
            if !list.contains(text) { issues.add(.valueNotInList, pointer()) }
        case .version:
            guard let text = value.text else { return issues.add(.typeMismatch, pointer()) }
            if GLTFVersion(text) == nil { issues.add(.patternMismatch, pointer()) }
        case .index(let collection): checkIndex(value, collection)
        case .numbers(let lengths, let minimum, let maximum): checkNumbers(value, lengths, minimum, maximum)
        case .indices(let collection): checkIndices(value, collection)
        case .names: checkNames(value)
        case .object(let properties):
            guard let members = value.object else { return issues.add(.typeMismatch, pointer()) }
            checkObject(members, properties)
        case .objects(let properties): checkObjects(value) { $0.checkObject($1, properties) }
        case .attributes:
            guard let members = value.object else { return issues.add(.typeMismatch, pointer()) }
            checkAttributes(members)
        case .attributeMaps: checkObjects(value) { $0.checkAttributes($1) }
        case .anything: break
        }
    }

    private mutating func checkInteger(_ value: StrictJSON, _ range: ClosedRange<Int64>, _ factor: Int64) {
        guard let number = value.integer else { return issues.add(.typeMismatch, pointer()) }
        if !range.contains(number) {
            issues.add(.valueNotInRange, pointer())
        } else if !number.isMultiple(of: factor) {
            issues.add(.valueMultipleOf, pointer())
        }
    }

    private mutating func checkIndex(_ value: StrictJSON, _ collection: GLTFCollection) {
        guard let number = value.integer else { return issues.add(.typeMismatch, pointer()) }
        guard number >= 0 else { return issues.add(.invalidIndex, pointer()) }
        let count = root[collection.key]?.array?.count ?? 0
        if number >= Int64(count) { issues.add(.unresolvedReference, pointer()) }
    }

    private mutating func checkNumbers(_ value: StrictJSON, _ lengths: [Int], _ minimum: Double, _ maximum: Double) {
        guard let elements = value.array else { return issues.add(.typeMismatch, pointer()) }
        if elements.isEmpty, lengths.isEmpty { return issues.add(.emptyEntity, pointer()) }
        if !lengths.isEmpty, !lengths.contains(elements.count) { issues.add(.arrayLengthNotInList, pointer()) }
        for (number, element) in elements.enumerated() {
            guard let found = element.number else { return issues.add(.arrayTypeMismatch, pointer()) }
            if !found.isFinite || found < minimum || found > maximum {
                issues.add(.valueNotInRange, pointer() + "/\(number)")
            }
        }
    }

    private mutating func checkIndices(_ value: StrictJSON, _ collection: GLTFCollection) {
        guard let elements = value.array else { return issues.add(.typeMismatch, pointer()) }
        if elements.isEmpty { issues.add(.emptyEntity, pointer()) }
        var seen: Set<Int64> = []
        for (number, element) in elements.enumerated() {
            within(String(number)) { $0.checkIndex(element, collection) }
            if let index = element.integer, !seen.insert(index).inserted {
                issues.add(.duplicateElements, pointer() + "/\(number)")
            }
        }
    }

    private mutating func checkNames(_ value: StrictJSON) {
        guard let elements = value.array else { return issues.add(.typeMismatch, pointer()) }
        if elements.isEmpty { issues.add(.emptyEntity, pointer()) }
        var seen: Set<JSONText> = []
        for (number, element) in elements.enumerated() {
            guard let text = element.text else { return issues.add(.arrayTypeMismatch, pointer()) }
            if !seen.insert(text).inserted { issues.add(.duplicateElements, pointer() + "/\(number)") }
        }
    }

    private mutating func checkObjects(
        _ value: StrictJSON, _ body: (inout GLTFSchemaCheck, [JSONText: StrictJSON]) -> Void
    ) {
        guard let elements = value.array else { return issues.add(.typeMismatch, pointer()) }
        if elements.isEmpty { issues.add(.emptyEntity, pointer()) }
        for (number, element) in elements.enumerated() {
            guard let members = element.object else { return issues.add(.arrayTypeMismatch, pointer()) }
            within(String(number)) { body(&$0, members) }
        }
    }

    private mutating func checkAttributes(_ members: [JSONText: StrictJSON]) {
        if members.isEmpty { issues.add(.emptyEntity, pointer()) }
        for (name, value) in members.inOrder { within(name.pointerToken) { $0.checkIndex(value, .accessors) } }
    }
}

/// A version such as `2.0`.
struct GLTFVersion: Comparable {
    let major, minor: Int

    init?(_ text: JSONText) {
        let parts = text.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard parts.count == 2, parts.allSatisfy({ !$0.isEmpty && $0.allSatisfy { (0x30...0x39).contains($0) } }),
            let major = Int(String(decoding: parts[0], as: UTF8.self)),
            let minor = Int(String(decoding: parts[1], as: UTF8.self))
        else { return nil }
        (self.major, self.minor) = (major, minor)
    }

    static func < (a: GLTFVersion, b: GLTFVersion) -> Bool { (a.major, a.minor) < (b.major, b.minor) }
}

extension [JSONText: StrictJSON] {
    /// The members by the bytes of their names: reports must not depend on the order in a hash table.
    var inOrder: [(key: JSONText, value: StrictJSON)] {
        sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
    }
}
