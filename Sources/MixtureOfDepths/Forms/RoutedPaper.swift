/// The paper's block: for each sample a selector scores the C channels of the block's input. The k highest go
/// through a narrower body, are multiplied by their scores, and are added to the first k channels. No
/// activation follows.
public struct RoutedPaper: ChannelForm {
    /// The sizes of the body; its result is added to the first k channels.
    public let body: ChannelBody
    /// C / r, the selector's hidden units.
    public let selectorHidden: Int

    public var name: String { "MoD" }
    public var text: String { "MoD \(body.text)" }
    public var summary: String { "MoD k=\(processed) of \(channels)" }
    public var remark: String { "hidden \(hidden.widthsText), selector \(selectorHidden)" }
    public var choices: [ChoiceSize] { [ChoiceSize(kind: .channels, count: processed)] }
    public var gathering: Gathering { .flatIfStatic }
    public var form: BlockForm { .routedPaper(self) }

    init(_ body: ChannelBody, selectorHidden: Int) {
        self.body = body
        self.selectorHidden = selectorHidden
    }

    public static func claims(_ record: BlockRecord) -> Bool {
        record.kind == nil && record.selectorHidden != nil
    }

    public init?(_ record: BlockRecord) {
        guard let body = ChannelBody(record), let hidden = record.selectorHidden, hidden > 0 else {
            return nil
        }
        self.init(body, selectorHidden: hidden)
    }

    public func complete(_ record: inout BlockRecord) {
        record.groups = body.groups
        record.selectorHidden = selectorHidden
    }
}
