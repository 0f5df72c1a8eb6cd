/// A block as the manifest's JSON holds it. Entries that a form does not have are left out.
///
/// The keys are those of version 0.1.0: this version reads the files of that one, and that one reads the
/// files of this.
public struct BlockRecord: Codable, Sendable, Equatable {
    var scope: String
    var channels: Int
    var processed: Int
    var hidden: [Int]
    var groups: [Int] = []
    /// The selector's hidden units; nil without a selector.
    public internal(set) var selectorHidden: Int?
    var input: String
    var output: String
    var gathered: String
    var body: String
    /// The scores of the paper's selector, whose values have keys of their own.
    var scores: String?
    var indices: String?
    var gate: String?
    /// Nil for the paper's block.
    public internal(set) var kind: String?
    /// Nil where the result is added to the processed channels.
    var fused: Int?
    var routes: [ChoiceValues]?
    var tables: [WeightTable]?
    var widths: [Int]?
    /// The slots that choose between two channels.
    var choosing: Int?
    /// The features that a bias depends on; nil without one.
    public internal(set) var biasRank: Int?
    var bias: BiasValues?
    /// The value that the body's result is added to, if it is not the block's input.
    var shortcut: String?
    /// True if the body's result is added to nothing.
    var hasNoSum: Bool?

    /// The record of a block.
    public init(_ block: MoDBlock) {
        let payload = block.form.payload
        scope = block.scope
        channels = payload.channels
        processed = payload.processed
        hidden = payload.hidden
        input = block.values.input
        output = block.values.output
        gathered = block.values.gathered
        body = block.values.body
        switch block.values.shortcut {
        case .identity: break
        case .value(let name): shortcut = name
        case .none: hasNoSum = true
        }
        bias = block.values.bias
        payload.complete(&self)
        if kind == nil {
            scores = block.values.choices.first?.scores
            indices = block.values.choices.first?.indices
            gate = block.values.choices.first?.gates
        } else {
            routes = block.values.choices.isEmpty ? nil : block.values.choices
            tables = block.values.tables.isEmpty ? nil : block.values.tables
        }
    }

    /// The block that the record describes; nil if the record is inconsistent.
    var block: MoDBlock? {
        guard let form = BlockForm(self) else { return nil }
        var choices = routes ?? []
        if kind == nil, let scores, let indices {
            choices = [ChoiceValues(scores: scores, indices: indices, gates: gate)]
        }
        guard form.payload.accepts(choices), (form.payload.biasRank == nil) == (bias == nil) else {
            return nil
        }
        return MoDBlock(
            scope: scope, form: form,
            values: BlockValues(
                input: input, output: output, gathered: gathered, body: body,
                shortcut: hasNoSum == true ? .none : shortcut.map(BlockShortcut.value) ?? .identity,
                choices: choices,
                tables: tables ?? [], bias: bias))
    }
}
