/// What ProvChain says to people, in every language, in one place. This file has the refusals; the command
/// line's own messages are in `Catalogue+Messages.swift`.
public enum Catalogue {
    public static func sentence(for refusal: Refusal, in language: Language) -> String {
        phrase(for: refusal.rule).text(in: language, refusal.parameters)
    }

    /// The sentence for a rule. Each says what is wrong with its numbers, and what to do.
    public static func phrase(for rule: Rule) -> Phrase {
        switch rule {
        case .malformed:
            Phrase("The statement is not well formed: {reason}.", "声明格式不正确：{reason}。")
        case .tooLarge:
            Phrase(
                "The statement has {size} bytes; at most {limit} are allowed. List fewer components, or use a manifest.",
                "声明共 {size} 字节，上限为 {limit} 字节。请减少所列组件，或改用清单。")
        case .tooCostly:
            Phrase(
                "The statement costs {cost} units; this chain allows {limit}. Split it into several statements.",
                "声明的执行成本为 {cost}，本链上限为 {limit}。请拆分为多个声明。")
        case .wrongChain:
            Phrase(
                "The statement is for chain {found}, this is chain {expected}. Sign it again for this chain.",
                "声明属于链 {found}，而本链为 {expected}。请针对本链重新签名。")
        case .expired:
            Phrase(
                "The statement expired at {expiry} (block time {time}, Unix seconds). Sign it again.",
                "声明已于 {expiry} 过期（区块时间 {time}，Unix 秒）。请重新签名。")
        case .lifetimeTooLong:
            Phrase(
                "The statement would live until {expiry}; at block time {time} this chain allows {limit} seconds. "
                    + "Check your clock, or sign with a shorter lifetime.",
                "声明有效至 {expiry}；区块时间为 {time}，本链最多允许 {limit} 秒。请检查时钟，或缩短有效期后重新签名。")
        case .replayed:
            Phrase("Statement {statement} was applied already.", "声明 {statement} 已被执行，不能重复提交。")
        case .wrongSubject:
            Phrase(
                "The subject must be {expected}, found {found}.", "声明的主题应为 {expected}，实际为 {found}。")
        case .notAllowedHere:
            Phrase("A {type} statement has no place outside the genesis.", "{type} 声明只能出现在创世区块中。")
        case .unknownParty:
            Phrase(
                "Party {party} is not enrolled. Ask a registrar of a member to enrol it.",
                "主体 {party} 尚未登记。请联系成员机构的登记员办理。")
        case .unknownKey:
            Phrase("Key {key} is not enrolled on this chain.", "密钥 {key} 未在本链登记。")
        case .foreignKey:
            Phrase("Key {key} does not belong to party {party}.", "密钥 {key} 不属于主体 {party}。")
        case .retiredKey:
            Phrase(
                "Key {key} was retired at height {until}; this is height {height}. Sign with the current key.",
                "密钥 {key} 已在高度 {until} 停用，当前高度为 {height}。请使用现行密钥签名。")
        case .wrongPurpose:
            Phrase("Key {key} was not enrolled for signing statements.", "密钥 {key} 的登记用途不是签署声明。")
        case .wrongAlgorithm:
            Phrase(
                "The header names algorithm {found}; the key is enrolled with {expected}.",
                "头部声明的算法为 {found}，而密钥登记的算法为 {expected}。")
        case .badSignature:
            Phrase("The signature does not verify under key {key}.", "签名无法用密钥 {key} 验证通过。")
        case .notRegistrar:
            Phrase("Party {party} is not a registrar; only a registrar enrols.", "主体 {party} 不是登记员，无权登记他人。")
        case .partyExists:
            Phrase("Party {party} is enrolled already.", "主体 {party} 已登记。")
        case .keyTaken:
            Phrase(
                "Key {key} was enrolled before; a key is enrolled once for ever. Make a new one.",
                "密钥 {key} 曾经登记过；每把密钥只能登记一次。请生成新密钥。")
        case .noPossession:
            Phrase(
                "There is no valid proof of possession for key {key}.", "密钥 {key} 缺少有效的持有证明。")
        case .invalidApplication:
            Phrase("The application is not valid: {reason}.", "登记申请无效：{reason}。")
        case .wrongApplicationChain:
            Phrase(
                "The application is for chain {found}, this is chain {expected}. Apply again for this chain.",
                "申请针对链 {found}，而本链为 {expected}。请针对本链重新申请。")
        case .retiredKeyNotHeld:
            Phrase("Key {key} is not a key in force of party {party}.", "密钥 {key} 不是主体 {party} 的现行密钥。")
        case .otherKeySigned:
            Phrase(
                "The key that is replaced must sign: {expected}, not {found}. A lost key needs recovery.",
                "轮换声明必须由被替换的密钥 {expected} 签署，而不是 {found}。密钥丢失时请走恢复流程。")
        case .purposeChanged:
            Phrase(
                "The new key has purpose {found}; the retired one has {expected}.",
                "新密钥用途为 {found}，被替换密钥用途为 {expected}，两者必须一致。")
        case .workExists:
            Phrase("Work {work} is registered already.", "作品 {work} 已登记。")
        case .unknownWork:
            Phrase("Work {work} is not registered.", "作品 {work} 未登记。")
        case .notClaimant:
            Phrase("Party {party} is not the claimant of work {work}.", "主体 {party} 不是作品 {work} 的主张人。")
        case .duplicateVersion:
            Phrase(
                "You registered exactly this content before, as {work}. Nothing needs to be done.",
                "您已登记过完全相同的内容：{work}。无需重复登记。")
        case .wrongPrevious:
            Phrase(
                "The version must follow number {expected}, it names {found}. Look at the work again and retry.",
                "新版本应接在版本 {expected} 之后，但声明写的是 {found}。请重新查询作品后再试。")
        case .unknownRecipient:
            Phrase("The recipient {party} is not enrolled.", "受让人 {party} 尚未登记。")
        case .selfTransfer:
            Phrase("A share cannot be offered to its own holder.", "不能将份额转让给持有人自己。")
        case .insufficientShare:
            Phrase(
                "The holder has {held} basis points of this title; {needed} are needed.",
                "持有人仅持有 {held} 个基点，需要 {needed} 个基点。")
        case .tooManyHolders:
            Phrase("A title has at most {limit} holders.", "同一权利最多可有 {limit} 个持有人。")
        case .deadlinePassed:
            Phrase(
                "The deadline {deadline} has passed (block time {time}, Unix seconds). Ask for a new offer.",
                "期限 {deadline} 已过（区块时间 {time}，Unix 秒）。请要求对方重新发出要约。")
        case .deadlineTooFar:
            Phrase(
                "The deadline may lie at most {limit} seconds ahead.", "期限最多可设为 {limit} 秒之后。")
        case .offerExists:
            Phrase("Offer {offer} exists already.", "要约 {offer} 已存在。")
        case .unknownOffer:
            Phrase("Offer {offer} does not exist.", "要约 {offer} 不存在。")
        case .offerClosed:
            Phrase("Offer {offer} is {status}.", "要约 {offer} 的状态为 {status}，不能再处理。")
        case .notRecipient:
            Phrase("Only the recipient {party} may answer this offer.", "只有受让人 {party} 可以答复此要约。")
        case .notOfferer:
            Phrase("Only the offerer {party} may cancel this offer.", "只有要约人 {party} 可以撤回此要约。")
        }
    }
}
