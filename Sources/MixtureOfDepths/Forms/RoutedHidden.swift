/// For each sample, a linear router scores the units of each hidden layer from the channel means of the
/// block's input. Only the highest are computed, with weights gathered at run time. All inputs and outputs
/// stay.
public struct RoutedHidden: HiddenForm, CalibratedPayload {
    /// The sizes of the hidden layers.
    public internal(set) var units: HiddenUnits

    public var name: String { "routed hidden" }
    public var text: String { summary + biasText }
    public var summary: String { "\(name) \(hidden.widthsText)" }
    public var remark: String { "a router chooses for each image\(biasText)" }
    public var choices: [ChoiceSize] { ChoiceSize.units(units.kept) }
    public var gathering: Gathering { .batched }
    public var form: BlockForm { .routedHidden(self) }

    init(_ units: HiddenUnits) { self.units = units }

    public static func claims(_ record: BlockRecord) -> Bool { record.kind == "routed hidden" }

    public init?(_ record: BlockRecord) {
        guard let units = HiddenUnits(record) else { return nil }
        self.init(units)
    }

    public func complete(_ record: inout BlockRecord) { units.complete(&record, kind: name) }

    /// The cost of the chosen units, and of a router that scores every unit of the source's layers.
    public func macs(of body: BodyMACs) -> Int {
        body.count(inputs: nil, hidden: hidden, outputs: nil) + body.routers
            + body.bias(biasRank, outputs: nil)
    }
}
