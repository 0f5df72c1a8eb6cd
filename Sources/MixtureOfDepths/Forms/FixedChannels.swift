/// A narrower body that always reads the same k input channels.
public struct FixedChannels: ChannelForm, CalibratedPayload {
    /// The sizes of the body.
    public internal(set) var body: ChannelBody

    public var name: String { "fixed channels" }
    public var text: String { "\(name) \(body.text)\(biasText)" }
    public var summary: String { "\(name) k=\(processed) of \(channels)" }
    public var remark: String { "hidden \(hidden.widthsText), the same channels for every image\(biasText)" }
    public var choices: [ChoiceSize] { [] }
    public var gathering: Gathering { .none }
    public var form: BlockForm { .fixedChannels(self) }

    init(_ body: ChannelBody) { self.body = body }

    public static func claims(_ record: BlockRecord) -> Bool { record.kind == "fixed channels" }

    public init?(_ record: BlockRecord) {
        guard let body = ChannelBody(record) else { return nil }
        self.init(body)
    }

    public func complete(_ record: inout BlockRecord) { body.complete(&record, kind: name) }

    public func macs(of body: BodyMACs) -> Int {
        body.count(inputs: processed, hidden: hidden, outputs: fused)
            + body.bias(biasRank, outputs: fused)
    }
}
