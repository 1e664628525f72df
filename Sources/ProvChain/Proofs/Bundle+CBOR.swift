extension Bundle: CBORCodable {
    public func encode(to writer: inout CBORWriter) {
        writer.map(11 + (manifest == nil ? 0 : 1) + (metadata == nil ? 0 : 1))
        writer.uint(1)
        writer.text(Self.format)
        writer.uint(2)
        writer.digest(chain)
        writer.uint(3)
        writer.value(subject)
        writer.uint(4)
        writer.byteString(header.leaf)
        writer.uint(5)
        writer.value(certificate)
        writer.uint(6)
        writer.value(epoch)
        writer.uint(7)
        writer.digests(headerPath)
        writer.uint(8)
        writer.list(receipts)
        writer.uint(9)
        writer.list(statements)
        writer.uint(10)
        writer.list(records)
        writer.uint(11)
        writer.list(history)
        if let manifest {
            writer.uint(12)
            writer.byteString(manifest)
        }
        if let metadata {
            writer.uint(13)
            writer.byteString(metadata)
        }
    }

    public init(from reader: inout CBORReader) throws(CBORError) {
        var map = try CBORMapReader(&reader)
        try map.key(1, &reader)
        try reader.text(exactly: Self.format)
        try map.key(2, &reader)
        chain = try reader.digest()
        try map.key(3, &reader)
        subject = try reader.value()
        try map.key(4, &reader)
        header = try BlockHeader(leaf: try reader.byteString(atMost: BlockHeader.maximumBytes))
        try map.key(5, &reader)
        certificate = try reader.value()
        try map.key(6, &reader)
        epoch = try reader.value()
        try map.key(7, &reader)
        headerPath = try reader.digests(atMost: HistoryTree.maximumPathLength)
        try map.key(8, &reader)
        receipts = try reader.list(atMost: Limits.validators)
        try map.key(9, &reader)
        statements = try reader.list(atMost: Self.maximumStatements)
        try map.key(10, &reader)
        records = try reader.list(atMost: Self.maximumRecords)
        try map.key(11, &reader)
        history = try reader.list(atMost: Self.maximumStatements)
        manifest = try map.optionalKey(12, &reader) ? try reader.byteString(atMost: Limits.attachmentBytes) : nil
        metadata = try map.optionalKey(13, &reader) ? try reader.byteString(atMost: Limits.attachmentBytes) : nil
        try map.finish(reader)
    }
}

extension Bundle.SignedCheckpoint: CBORCodable {
    public func encode(to writer: inout CBORWriter) {
        writer.array(2)
        writer.uint(validator)
        writer.value(header)
    }

    public init(from reader: inout CBORReader) throws(CBORError) {
        try reader.array(count: 2)
        validator = try reader.uint()
        header = try reader.value()
    }
}

extension Bundle.IncludedStatement: CBORCodable {
    public func encode(to writer: inout CBORWriter) {
        writer.array(3)
        writer.byteString(encoded)
        writer.uint(leafIndex)
        writer.digests(path)
    }

    public init(from reader: inout CBORReader) throws(CBORError) {
        try reader.array(count: 3)
        encoded = try reader.byteString(atMost: Limits.statementBytes)
        leafIndex = try reader.uint()
        path = try reader.digests(atMost: HistoryTree.maximumPathLength)
    }
}

extension Bundle.ProvenRecord: CBORCodable {
    public func encode(to writer: inout CBORWriter) {
        writer.array(3)
        writer.value(urn)
        if let record { writer.value(record) } else { writer.null() }
        writer.value(proof)
    }

    public init(from reader: inout CBORReader) throws(CBORError) {
        try reader.array(count: 3)
        urn = try reader.value()
        if reader.isNull {
            try reader.null()
            record = nil
        } else {
            record = try reader.value()
        }
        proof = try reader.value()
    }
}

extension Bundle.HistoryEntry: CBORCodable {
    public func encode(to writer: inout CBORWriter) {
        writer.array(5)
        writer.digest(statement)
        writer.uint(height)
        writer.uint(position)
        writer.uint(time)
        writer.byteString(body)
    }

    public init(from reader: inout CBORReader) throws(CBORError) {
        try reader.array(count: 5)
        statement = try reader.digest()
        height = try reader.uint()
        position = try reader.uint()
        time = try reader.uint()
        body = try reader.byteString()
    }
}
