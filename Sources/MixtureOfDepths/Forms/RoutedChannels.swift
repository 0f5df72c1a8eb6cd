/// For each sample, the k input channels with the largest product of mean and weight norm enter a narrower
/// body.
public struct RoutedChannels: ChannelForm, CalibratedPayload {
    /// The sizes of the body.
    public internal(set) var body: ChannelBody

    public var name: String { "routed channels" }
    public var text: String { "\(name) \(body.text)\(biasText)" }
    public var summary: String { "\(name) k=\(processed) of \(channels)" }
    public var remark: String { "hidden \(hidden.widthsText), a router chooses for each image\(biasText)" }
    public var choices: [ChoiceSize] { [ChoiceSize(kind: .channels, count: processed)] }
    public var gathering: Gathering { .batched }
    public var form: BlockForm { .routedChannels(self) }

    init(_ body: ChannelBody) { self.body = body }

    public static func claims(_ record: BlockRecord) -> Bool { record.kind == "routed channels" }

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
