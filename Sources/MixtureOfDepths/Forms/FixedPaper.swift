/// The paper's block without its selector: the first k channels always go through the narrower body. It is
/// the baseline that every router has to beat.
public struct FixedPaper: ChannelForm {
    /// The sizes of the body; its result is added to the first k channels.
    public let body: ChannelBody

    public var name: String { "MoD" }
    public var text: String { "MoD \(body.text)" }
    public var summary: String { "MoD k=\(processed) of \(channels)" }
    public var remark: String { "hidden \(hidden.widthsText), no selector" }
    public var choices: [ChoiceSize] { [] }
    public var gathering: Gathering { .none }
    public var form: BlockForm { .fixedPaper(self) }

    init(_ body: ChannelBody) { self.body = body }

    public static func claims(_ record: BlockRecord) -> Bool {
        record.kind == nil && record.selectorHidden == nil
    }

    public init?(_ record: BlockRecord) {
        guard let body = ChannelBody(record) else { return nil }
        self.init(body)
    }

    public func complete(_ record: inout BlockRecord) { record.groups = body.groups }
}
