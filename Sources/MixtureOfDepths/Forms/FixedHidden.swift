/// A narrower block that always computes the same units of each hidden layer. All inputs and outputs stay.
public struct FixedHidden: HiddenForm, CalibratedPayload {
    /// The sizes of the hidden layers.
    public internal(set) var units: HiddenUnits

    public var name: String { "fixed hidden" }
    public var text: String { summary + biasText }
    public var summary: String { "\(name) \(hidden.widthsText)" }
    public var remark: String { "the same units for every image\(biasText)" }
    public var choices: [ChoiceSize] { [] }
    public var gathering: Gathering { .none }
    public var form: BlockForm { .fixedHidden(self) }

    init(_ units: HiddenUnits) { self.units = units }

    public static func claims(_ record: BlockRecord) -> Bool { record.kind == "fixed hidden" }

    public init?(_ record: BlockRecord) {
        guard let units = HiddenUnits(record) else { return nil }
        self.init(units)
    }

    public func complete(_ record: inout BlockRecord) { units.complete(&record, kind: name) }

    public func macs(of body: BodyMACs) -> Int {
        body.count(inputs: nil, hidden: hidden, outputs: nil) + body.bias(biasRank, outputs: nil)
    }
}
