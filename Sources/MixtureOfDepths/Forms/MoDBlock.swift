/// A block of a converted network: its form, and the names of its values in the graph.
public struct MoDBlock: Sendable, Equatable {
    /// The scope that the names of the block's nodes start with.
    public var scope: String
    /// What the block is.
    public var form: BlockForm
    /// Where its values are found.
    public var values: BlockValues

    init(scope: String, form: BlockForm, values: BlockValues) {
        self.scope = scope
        self.form = form
        self.values = values
    }

    /// The choices that samples make, with the names of their scores and outcomes.
    public var choices: [RoutedChoice] {
        zip(form.choices, values.choices).map { size, names in
            RoutedChoice(
                scope: scope, kind: size.kind, scores: names.scores, indices: names.indices, count: size.count)
        }
    }
}

/// The names of a block's values in the converted graph.
public struct BlockValues: Sendable, Equatable {
    /// X, [N, C, H, W].
    public var input: String
    /// Y, [N, C, H, W].
    public var output: String
    /// What enters the body: of routed channels the chosen ones, [N, k, H, W].
    public var gathered: String
    /// What is added to the stream: the body's result, times its gate where it has one.
    public var body: String
    /// The values of each choice of the form, in the order of `BlockForm.choices`.
    public var choices: [ChoiceValues] = []
    /// Where weights are gathered at run time: the tables that hold them, one for each convolution.
    public var tables: [WeightTable] = []

    init(
        input: String, output: String, gathered: String, body: String, choices: [ChoiceValues] = [],
        tables: [WeightTable] = []
    ) {
        self.input = input
        self.output = output
        self.gathered = gathered
        self.body = body
        self.choices = choices
        self.tables = tables
    }

    /// All names, for whoever wants the values of a run.
    public var all: [String] {
        [input, output, gathered, body]
            + choices.flatMap { [$0.scores, $0.indices] + ($0.gates.map { [$0] } ?? []) }
    }
}

/// The names of one choice's values.
public struct ChoiceValues: Codable, Sendable, Equatable {
    /// The scores of all channels or units, [N, units, 1, 1].
    public let scores: String
    /// The chosen ones, ascending: [N, k, 1, 1] or [N, k] int64. Of hidden units that are all computed: every unit,
    /// from the highest score on, [N, units, 1, 1].
    public let indices: String
    /// What results are multiplied by: of the paper's block the chosen channels' scores, [N, k, 1, 1]; of hidden
    /// units that are all computed each one's score, or 0 if it is not chosen, [N, units, 1, 1]. Nil elsewhere.
    public var gates: String?
}

/// A convolution whose weights are gathered at run time.
public struct WeightTable: Codable, Sendable, Equatable {
    /// [units, inputs * taps] of the first convolution, [units * inputs, taps] of those between, and
    /// [inputs, outputs * taps] of the last.
    public let weights: String
    /// [units]
    public let bias: String
    /// [outputs, inputs, height, width] of the whole convolution.
    public let shape: [Int]
    /// The padding above and left of the maps.
    public let pads: [Int]
    /// The convolution's dilations along height and width.
    public let dilations: [Int]
}
