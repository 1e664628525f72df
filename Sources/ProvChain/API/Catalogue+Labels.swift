extension Catalogue {
    /// The names of fields where results are printed for people.
    public enum Label: String, CatalogueEntry {
        case statement, work, version, title, description, authors, party, kind
        case height, time, expiry, leaf, manifestRoot, contestedWith, offer
        case status, history, events, urn, key, algorithm, path, encrypted, unencrypted
        case chain, origin, node, software, hash, size, files, mainFile, mediaType, checks, type
        case words, record
        case pending, final
    }
}

extension Catalogue.Label {
    public var phrase: Phrase {
        switch self {
        case .statement: Phrase("Statement", "声明")
        case .work: Phrase("Work", "作品")
        case .version: Phrase("Version", "版本")
        case .title: Phrase("Title", "标题")
        case .description: Phrase("Description", "说明")
        case .authors: Phrase("Authors", "作者")
        case .party: Phrase("Party", "主体")
        case .kind: Phrase("Kind", "类别")
        case .height: Phrase("Height", "区块高度")
        case .time: Phrase("Time", "时间")
        case .expiry: Phrase("Expires", "有效期至")
        case .leaf: Phrase("Leaf", "叶序号")
        case .manifestRoot: Phrase("Manifest root", "清单根")
        case .contestedWith: Phrase("Contested with", "存在争议的作品")
        case .offer: Phrase("Offer", "要约")
        case .status: Phrase("Status", "状态")
        case .history: Phrase("History", "历史")
        case .events: Phrase("Events", "事件")
        case .urn: Phrase("Name", "名称")
        case .key: Phrase("Key", "密钥")
        case .algorithm: Phrase("Algorithm", "算法")
        case .path: Phrase("File", "文件")
        case .encrypted: Phrase("encrypted", "已加密")
        case .unencrypted: Phrase("NOT encrypted", "未加密")
        case .chain: Phrase("Chain", "链")
        case .origin: Phrase("Origin", "来源")
        case .node: Phrase("Node", "节点")
        case .software: Phrase("Software", "软件")
        case .hash: Phrase("SHA-256", "SHA-256")
        case .size: Phrase("Size", "大小")
        case .files: Phrase("Files", "文件数")
        case .mainFile: Phrase("Main file", "主文件")
        case .mediaType: Phrase("Media type", "媒体类型")
        case .checks: Phrase("Checks", "检查项")
        case .type: Phrase("Type", "类型")
        case .words: Phrase("Words", "单词")
        case .record: Phrase("Record", "记录")
        case .pending: Phrase("pending", "待确认")
        case .final: Phrase("final", "已最终确认")

        }
    }
}
