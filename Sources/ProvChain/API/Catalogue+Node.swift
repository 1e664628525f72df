extension Catalogue {
    /// What a node says when it does not take a request, besides the rules of the registry. The raw values are
    /// the names in ``ProblemView/rule``; one without an entry here is shown in the node's own words.
    public enum NodeProblem: String, CatalogueEntry {
        case mempoolFull = "node.mempool-full"
        case busy = "node.busy"
        case notReady = "node.not-ready"
        case stopping = "node.stopping"
        case storage = "node.storage"
        case diskFull = "node.disk-full"
        case internalError = "node.internal-error"
        case receiptNotYet = "receipt.not-yet"
        case attachmentInvalid = "attachment.invalid"
        case attachmentUnreferenced = "attachment.unreferenced"
        case attachmentPublic = "attachment.already-public"
        case tokenMissing = "access.token-missing"
        case tokenInvalid = "access.token-invalid"
        case readDenied = "access.denied"
        case requestTooLarge = "request.too-large"
        case badCursor = "parameter.after"
        case tooFewReceipts = "node.too-few-receipts"
        case observer = "node.observer"
    }

    /// What a node says in a problem: English are its own words, Chinese those of this catalogue.
    public static func sentence(for problem: ProblemView, in language: Language) -> String {
        let phrase =
            Rule(rawValue: problem.rule).map(phrase(for:)) ?? NodeProblem(rawValue: problem.rule)?.phrase
            ?? Failure(rawValue: problem.rule)?.phrase
        return switch language {
        case .english: problem.detail
        case .chinese: phrase?.text(in: .chinese, problem.parameters) ?? problem.detail
        }
    }
}

extension Catalogue.NodeProblem {
    public var phrase: Phrase {
        switch self {
        case .mempoolFull:
            Phrase(
                "As many statements wait as this node holds ({limit}). Try again in a moment.",
                "等待处理的声明已达节点上限（{limit}）。请稍后重试。")
        case .busy:
            Phrase("The node serves as many requests as it can. Try again in a moment.", "节点繁忙。请稍后重试。")
        case .notReady:
            Phrase("The node is starting or behind the chain. Try again in a moment.", "节点正在启动或尚未同步。请稍后重试。")
        case .stopping: Phrase("The node is stopping. Try again, or ask another node.", "节点正在停止。请重试或改用其他节点。")
        case .storage: Phrase("The node's disk failed or is full. Tell its operator.", "节点磁盘故障或已满。请通知其运营方。")
        case .diskFull:
            Phrase(
                "The node's disk is full or nearly so, and it takes no statements. Tell its operator, and try again.",
                "节点磁盘已满或即将写满，暂不接收声明。请通知其运营方并稍后重试。")
        case .internalError:
            Phrase("Something went wrong inside the node. Tell its operator.", "节点内部发生错误。请通知其运营方。")
        case .receiptNotYet:
            Phrase(
                "The statement is not final yet, so it has no receipt. Try again in a moment.", "声明尚未最终确认，暂无回执。请稍后重试。")
        case .attachmentInvalid:
            Phrase(
                "An attachment is not one that the statement commits to. Sign and send again.",
                "附件与声明所承诺的内容不符。请重新签名并提交。")
        case .attachmentUnreferenced:
            Phrase("No statement on this chain commits to these bytes, so they are not kept.", "本链上没有声明承诺过这些内容，因此不予保存。")
        case .attachmentPublic:
            Phrase(
                "The node has attachment {sha256} already, and it is public; that cannot be taken back.",
                "节点已保存附件 {sha256} 且其为公开，无法收回。")
        case .tokenMissing:
            Phrase("The attachment is restricted: it takes a read token.", "该附件受限，需提供读取令牌。")
        case .tokenInvalid: Phrase("The read token is not taken: {reason}.", "读取令牌未被接受：{reason}。")
        case .readDenied:
            Phrase("Party {party} may not read attachment {sha256}.", "主体 {party} 无权读取附件 {sha256}。")
        case .badCursor:
            Phrase(
                "\"after\" must be the \"next\" of an earlier answer to the same question.",
                "“after”应为同一查询先前应答中的“next”。")
        case .tooFewReceipts:
            Phrase(
                "A proof needs the signatures of {needed} validators over one checkpoint, and {found} answered. Try again, "
                    + "or ask another node.",
                "一份证明需要 {needed} 个验证者对同一检查点的签名，目前应答的有 {found} 个。请重试或改用其他节点。")
        case .observer:
            Phrase(
                "This node follows the chain and has no vote: it takes no statements and signs no checkpoints. Ask a "
                    + "validator; GET /api/v1/chain names them.",
                "本节点只跟随链，没有投票权：不接收声明，也不签署检查点。请改用验证者；GET /api/v1/chain 列出了它们。")
        case .requestTooLarge:
            Phrase("The request is larger than the {limit} bytes that the node takes.", "请求超过节点允许的 {limit} 字节。")
        }
    }
}
