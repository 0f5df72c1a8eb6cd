/// For each sample, a selector like the paper's scores the units of each hidden layer. The highest are kept
/// and multiplied by their scores, so that the selector can be trained. All inputs and outputs stay.
public struct GatedHidden: HiddenForm {
    /// How rejected units are left out. This decides what the block costs.
    public enum Computation: Sendable, Equatable {
        /// All units are computed and multiplied by their gates, which are 0 for rejected units. Training
        /// needs this.
        case dense
        /// Only the chosen units are computed, with weights gathered at run time.
        case gathered
    }

    /// The sizes of the hidden layers.
    public let units: HiddenUnits
    /// The filters that each hidden layer holds.
    public let widths: [Int]
    /// C / r, the selectors' hidden units.
    public let selectorHidden: Int
    /// Whether all units are computed, or only the chosen ones.
    public let computation: Computation

    public var name: String { "gated hidden" }
    public var text: String {
        "\(name) " + zip(hidden, widths).map { "\($0) of \($1)" }.joined(separator: ", ")
    }
    public var summary: String { text }
    public var remark: String { "selector \(selectorHidden)" }
    public var choices: [ChoiceSize] { ChoiceSize.units(units.kept) }
    public var gathering: Gathering { .batched }
    public var form: BlockForm { .gatedHidden(self) }

    init(_ units: HiddenUnits, widths: [Int], selectorHidden: Int, _ computation: Computation) {
        self.units = units
        self.widths = widths
        self.selectorHidden = selectorHidden
        self.computation = computation
    }

    public static func claims(_ record: BlockRecord) -> Bool { record.kind == "gated hidden" }

    public init?(_ record: BlockRecord) {
        guard let units = HiddenUnits(record), let widths = record.widths, widths.count == units.kept.count,
            zip(units.kept, widths).allSatisfy(<=), let hidden = record.selectorHidden, hidden > 0
        else { return nil }
        self.init(
            units, widths: widths, selectorHidden: hidden, record.tables == nil ? .dense : .gathered)
    }

    public func complete(_ record: inout BlockRecord) {
        units.complete(&record, kind: name)
        record.widths = widths
        record.selectorHidden = selectorHidden
    }
}
