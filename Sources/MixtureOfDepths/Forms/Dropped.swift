/// A block that is left out: the readers of its output read its input.
public struct Dropped: CalibratedPayload {
    /// C, the channels of the residual stream.
    public let channels: Int

    public var name: String { "dropped" }
    public var processed: Int { 0 }
    public var hidden: [Int] { [] }
    public var fused: Int { 0 }
    public var text: String { name }
    public var summary: String { name }
    public var remark: String { "its input passes" }
    public var choices: [ChoiceSize] { [] }
    public var gathering: Gathering { .none }
    public var form: BlockForm { .dropped(self) }

    /// A block over C channels that is left out.
    public init(channels: Int) { self.channels = channels }

    public static func claims(_ record: BlockRecord) -> Bool { record.kind == "dropped" }

    public init?(_ record: BlockRecord) { self.init(channels: record.channels) }

    public func complete(_ record: inout BlockRecord) {
        record.kind = name
        record.fused = 0
    }

    public func macs(of body: BodyMACs) -> Int { 0 }
}
