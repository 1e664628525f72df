extension Catalogue {
    /// The names of fields where results are printed for people.
    public enum Label: String, CatalogueEntry {
        case statement, work, version, title, description, authors, claimant, party, member, roles, keys, kind
        case height, time, expiry, leaf, manifestRoot, contestedWith, uncontested, claims, holders, share, offer
        case recipient, deadline, status, history, events, asOf, urn, key, algorithm, path, encrypted, unencrypted
        case chain, origin, node, software, hash, size, files, mainFile, mediaType, checks, type, issuer, category
        case basis, licence, registered, words, record
        case pending, final, yes, no
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
        case .claimant: Phrase("Claimant", "主张人")
        case .party: Phrase("Party", "主体")
        case .member: Phrase("Member", "成员机构")
        case .roles: Phrase("Roles", "角色")
        case .keys: Phrase("Keys", "密钥")
        case .kind: Phrase("Kind", "类别")
        case .height: Phrase("Height", "区块高度")
        case .time: Phrase("Time", "时间")
        case .expiry: Phrase("Expires", "有效期至")
        case .leaf: Phrase("Leaf", "叶序号")
        case .manifestRoot: Phrase("Manifest root", "清单根")
        case .contestedWith: Phrase("Contested with", "存在争议的作品")
        case .uncontested: Phrase("uncontested", "无争议")
        case .claims: Phrase("Claims", "主张")
        case .holders: Phrase("Holders", "持有人")
        case .share: Phrase("Share", "份额")
        case .offer: Phrase("Offer", "要约")
        case .recipient: Phrase("Recipient", "受让人")
        case .deadline: Phrase("Deadline", "期限")
        case .status: Phrase("Status", "状态")
        case .history: Phrase("History", "历史")
        case .events: Phrase("Events", "事件")
        case .asOf: Phrase("As of", "截至")
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
        case .issuer: Phrase("Issuer", "签发人")
        case .category: Phrase("Category", "作品类型")
        case .basis: Phrase("Basis", "主张依据")
        case .licence: Phrase("Licence", "许可证")
        case .registered: Phrase("Registered", "登记时间")
        case .words: Phrase("Words", "单词")
        case .record: Phrase("Record", "记录")
        case .pending: Phrase("pending", "待确认")
        case .final: Phrase("final", "已最终确认")
        case .yes: Phrase("yes", "是")
        case .no: Phrase("no", "否")
        }
    }
}
