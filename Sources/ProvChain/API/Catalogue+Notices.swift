extension Catalogue {
    /// What the command line says besides its results: questions, warnings, progress.
    public enum Notice: String, CatalogueEntry {
        case askNode, askLanguage, askPassphrase, askNewPassphrase, askPassphraseAgain, askWords
        case backupWords, backupWarning, plaintextKey, configurationWritten, keyKept
        case chainPinned, nodeNotReached
        case reading, hiddenFilesLeftOut, distinctiveLimited, lookupSkipped
        case alreadyClaimed, alreadyYours, contestAhead, askContested, nothingSigned
        case retrying, resubmitting, finalElsewhere, otherNode, offlineWritten
        case applicationWritten, newKeyKept, keyRotated, oldKeyKept
        case fileWritten, genesisWarning, genesisFromNode
        case noClaims, historyComplete, historyCut, historyNotProven, bundleVerified, bundleNotVerified
        case structureNotVerified, unknownFormat, modelTooLarge, componentPresent, componentAbsent
        case shapeNearCertain, shapeForReview, shapeGeneric, shapeNone, shapeUnknown, lookAlike
        case similarWork, searchOff, searchIncomplete, similarityReport
        case nextStep
    }
}

extension Catalogue.Notice {
    public var phrase: Phrase {
        switch self {
        case .askNode: Phrase("Address of a node [{default}]: ", "节点地址 [{default}]：")
        case .askLanguage: Phrase("Language, en or zh [{default}]: ", "语言，en 或 zh [{default}]：")
        case .askPassphrase: Phrase("Passphrase of {path}: ", "{path} 的口令：")
        case .askNewPassphrase: Phrase("New passphrase for {path}: ", "为 {path} 设置口令：")
        case .askPassphraseAgain: Phrase("The same passphrase again: ", "请再次输入口令：")
        case .askWords: Phrase("The 24 words of the backup: ", "请输入备份的 24 个单词：")
        case .backupWords:
            Phrase(
                "These 24 words are the key. Write them on paper now; they are shown once:",
                "以下 24 个单词就是您的密钥。请立即抄写在纸上；它们只显示一次：")
        case .backupWarning:
            Phrase(
                "Whoever has the words can sign as you. Nobody can restore the key without them.",
                "任何得到这些单词的人都能以您的名义签名；没有它们，任何人都无法恢复密钥。")
        case .plaintextKey:
            Phrase(
                "The key is not encrypted. That is for development only.", "密钥未加密，仅供开发使用。")
        case .configurationWritten: Phrase("The configuration is in {path}.", "配置已保存到 {path}。")
        case .keyKept: Phrase("The key in {path} is kept.", "保留 {path} 中的密钥。")
        case .chainPinned:
            Phrase(
                "From now on only chain {chain} is accepted. Compare this id with what a member published.",
                "今后只接受链 {chain}。请与成员机构公布的链标识核对。")
        case .nodeNotReached:
            Phrase(
                "The node {node} did not answer; run provcli init again later to pin its chain.",
                "节点 {node} 没有应答；请稍后再次运行 provcli init 以固定链标识。")
        case .reading: Phrase("Reading", "正在读取")
        case .hiddenFilesLeftOut:
            Phrase(
                "{count} hidden files (names that start with a dot) were left out.", "已略去 {count} 个隐藏文件（文件名以点开头）。")
        case .distinctiveLimited:
            Phrase(
                "{count} files; the statement lists the main file and the largest, {limit} in all. The manifest has all.",
                "共 {count} 个文件；声明仅列出主文件和最大的文件，共 {limit} 个。清单包含全部文件。")
        case .lookupSkipped:
            Phrase("Offline: nobody was asked whether the content is claimed already.", "离线：未查询内容是否已被他人主张。")
        case .alreadyClaimed:
            Phrase(
                "{path} is already claimed by {party} as {work} since {time}.",
                "{path} 已被 {party} 主张（作品 {work}，自 {time}）。")
        case .contestAhead:
            Phrase(
                "What you are about to claim is claimed by others in {count} works. It will be recorded as contested on both sides, for everybody to see.",
                "您即将主张的内容已在 {count} 件作品中被他人主张。双方的主张都将被公开记录为有争议。")
        case .askContested: Phrase("Sign all the same? [y/N]: ", "仍要签署吗？[y/N]：")
        case .nothingSigned: Phrase("Nothing was signed or sent.", "未签署，也未发送任何内容。")
        case .alreadyYours:
            Phrase("{path} is already claimed by you as {work}.", "{path} 您已主张过（作品 {work}）。")
        case .retrying:
            Phrase("{reason} Trying again ({attempt} of {limit}).", "{reason} 正在重试（第 {attempt} 次，共 {limit} 次）。")
        case .resubmitting:
            Phrase(
                "{node} has not made the statement final in {seconds} s. It goes to {count} other validators too: {nodes}",
                "{node} 在 {seconds} 秒内未最终确认该声明，现同时发送给另外 {count} 个验证节点：{nodes}")
        case .finalElsewhere: Phrase("{node} says that the statement is final.", "{node} 已最终确认该声明。")
        case .otherNode:
            Phrase("{node} does not answer; {other} is asked instead.", "{node} 没有应答，改用 {other}。")
        case .offlineWritten:
            Phrase(
                "Signed and written to {path}. Send it before {expiry} with: provcli submit {path}",
                "已签名并写入 {path}。请在 {expiry} 之前发送：provcli submit {path}")
        case .applicationWritten:
            Phrase(
                "The application is in {path}. Give it to the registrar of a member, who enrols you.",
                "申请已写入 {path}。请交给成员机构的登记员办理登记。")
        case .newKeyKept:
            Phrase(
                "The new key stays in {path} until the rotation is final; then run this command again to finish.",
                "新密钥暂存于 {path}；轮换最终确认后，请再次运行本命令以完成。")
        case .keyRotated: Phrase("{path} is now the new key {kid}.", "{path} 现为新密钥 {kid}。")
        case .oldKeyKept:
            Phrase(
                "The old key was renamed to {path}. It no longer signs; erase it when you wish.",
                "旧密钥已改名为 {path}。它不再能签名，可自行删除。")
        case .fileWritten: Phrase("Written: {path}", "已写入：{path}")
        case .genesisWarning:
            Phrase(
                "This file is what every proof rests on. Compare the chain id {chain} with what a member published "
                    + "somewhere else (print, another site, by telephone), not with this node.",
                "一切证明都以此文件为根基。请将链标识 {chain} 与成员机构通过其他渠道（印刷品、其他网站、电话）公布的标识核对，"
                    + "不要只与本节点核对。")
        case .genesisFromNode:
            Phrase(
                "The genesis came from the node itself and no chain is pinned: give --genesis FILE, or run provcli init.",
                "创世文件来自节点本身，且未固定链标识：请使用 --genesis FILE，或运行 provcli init。")
        case .noClaims: Phrase("Nobody has claimed these exact bytes.", "无人主张过完全相同的内容。")
        case .historyCut:
            Phrase(
                "Complete and proven: {shown} of {count} events up to {time}, nothing left out.",
                "已证明完整：截至 {time} 共 {shown} 个事件（总数 {count}），无遗漏。")
        case .historyComplete:
            Phrase("Complete and proven: {count} events, nothing left out.", "已证明完整：共 {count} 个事件，无遗漏。")
        case .historyNotProven:
            Phrase(
                "The events agree with each other, but that none is missing was not proven: {reason}",
                "各事件彼此一致，但未能证明没有遗漏：{reason}")
        case .bundleVerified: Phrase("VERIFIED", "验证通过")
        case .bundleNotVerified: Phrase("DOES NOT VERIFY", "未通过验证")
        case .structureNotVerified:
            Phrase(
                "{path} counts by its bytes only; what is inside was not verified: {reason}",
                "{path} 仅按字节登记；内部结构未经验证：{reason}")
        case .unknownFormat: Phrase("the format is not read here", "不支持解析此格式")
        case .modelTooLarge:
            Phrase("it needs {size} bytes of {limit} allowed", "需要 {size} 字节，上限为 {limit} 字节")
        case .componentPresent: Phrase("The part is in the asset.", "该部件存在于此资产中。")
        case .componentAbsent: Phrase("The part is not in the asset.", "该部件不存在于此资产中。")
        case .shapeNearCertain:
            Phrase(
                "Shape only: near-certain; a person should look (distance of the wholes {whole}, of parts {parts}).",
                "仅就形状而言：几乎确定相似，请人工核对（整体距离 {whole}，部件距离 {parts}）。")
        case .shapeForReview:
            Phrase(
                "Shape only: somewhat alike; a person should look (distance of the wholes {whole}, of parts {parts}).",
                "仅就形状而言：有些相似，请人工核对（整体距离 {whole}，部件距离 {parts}）。")
        case .shapeGeneric:
            Phrase(
                "Shape only: alike, but plain; everybody makes such shapes (distance of the wholes {whole}).",
                "仅就形状而言：相似，但属于通用形状，不说明问题（整体距离 {whole}）。")
        case .shapeNone:
            Phrase(
                "Shape only: not alike (distance of the wholes {whole}, of parts {parts}).",
                "仅就形状而言：不相似（整体距离 {whole}，部件距离 {parts}）。")
        case .shapeUnknown: Phrase("Shape only: unknown; one of them has none.", "仅就形状而言：未知，其中一方没有可比较的形状。")
        case .lookAlike:
            Phrase(
                "{path} looks like {other}. That is likeness of shape, not proof. {detail}",
                "{path} 与 {other} 形状相似；这不构成证明。{detail}")
        case .similarWork:
            Phrase(
                "{path} looks like {work} ({title}) of {party}: {basis}, distance {distance}, {resemblance}. A reason to look, no proof.",
                "{path} 与 {party} 的 {work}（{title}）相似：{basis}，距离 {distance}，{resemblance}。仅供核查，不构成证明。")
        case .searchOff:
            Phrase(
                "This node does not search for look-alikes; a node with [search] enabled does.",
                "该节点不提供相似检索；请使用启用了 [search] 的节点。")
        case .searchIncomplete:
            Phrase(
                "The node is still reading earlier works; ask again later for all look-alikes.",
                "节点仍在读取此前登记的作品；稍后再查可得到全部相似结果。")
        case .similarityReport:
            Phrase(
                "The similarity report is in {path}; its SHA-256 is {hash}. A review can name it.",
                "相似度报告已保存到 {path}，其 SHA-256 为 {hash}，可在评审中引用。")
        case .nextStep:
            Phrase("Next: provcli party apply -o application.cbor", "下一步：provcli party apply -o application.cbor")
        }
    }
}
