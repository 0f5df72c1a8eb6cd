/// A block of a converted network: its form, and the names of its values in the graph.
public struct MoDBlock: Sendable, Equatable {
    /// The scope that the names of the block's nodes start with.
    public var scope: String
    /// The block's form and sizes.
    public var form: BlockForm
    /// The names of its values.
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
                scope: scope, kind: size.kind, scores: names.scores, indices: names.indices,
                count: size.count, pairs: names.pairs)
        }
    }
}

/// The names of a block's values in the converted graph.
public struct BlockValues: Sendable, Equatable {
    /// X, [N, C, H, W].
    public var input: String
    /// Y, [N, C, H, W].
    public var output: String
    /// The input of the body; for routed channels the chosen ones, [N, k, H, W].
    public var gathered: String
    /// The value added to the stream: the body's result, times its gate if it has one.
    public var body: String
    /// The value that the body's result is added to.
    public var shortcut: BlockShortcut = .identity
    /// The values of each choice of the form, in the order of `BlockForm.choices`.
    public var choices: [ChoiceValues] = []
    /// The tables that hold the gathered weights, one for each convolution; empty unless weights are gathered
    /// at run time.
    public var tables: [WeightTable] = []
    /// The values of the bias that each sample gets; nil without one.
    public var bias: BiasValues?

    init(
        input: String, output: String, gathered: String, body: String,
        shortcut: BlockShortcut = .identity, choices: [ChoiceValues] = [], tables: [WeightTable] = [],
        bias: BiasValues? = nil
    ) {
        self.input = input
        self.output = output
        self.gathered = gathered
        self.body = body
        self.shortcut = shortcut
        self.choices = choices
        self.tables = tables
        self.bias = bias
    }

    /// All names, for tapping the values in a run.
    public var all: [String] {
        [input, output, gathered, body]
            + choices.flatMap { [$0.scores, $0.indices] + ($0.gates.map { [$0] } ?? []) }
    }
}

/// The value that a block adds its body's result to.
public enum BlockShortcut: Sendable, Equatable {
    /// X.
    case identity
    /// The value of this name, which the shortcut's nodes compute from X.
    case value(String)
    /// Nothing: the body's result is the block's.
    case none
}

/// The names of one choice's values.
public struct ChoiceValues: Codable, Sendable, Equatable {
    /// The scores of all channels or units, [N, units, 1, 1].
    public let scores: String
    /// The chosen indices, ascending: [N, k, 1, 1] or [N, k] int64. For hidden units that are all computed they
    /// are in descending order of their scores; files of version 0.2 list all units in that order, [N, units, 1, 1].
    ///
    /// For pairs: bool [N, pairs, 1, 1], true where the second channel is taken.
    public let indices: String
    /// The gates. For the paper's block the chosen channels' scores, [N, k, 1, 1]; for hidden units that are
    /// all computed each one's score, or 0 if it is rejected, [N, units, 1, 1]. Nil elsewhere.
    public var gates: String?
    /// The channels that a paired choice is between; nil for all others.
    public var pairs: ChannelPairs?
}

/// The names of the values of a bias that each sample gets (`DynamicBias`).
public struct BiasValues: Codable, Sendable, Equatable {
    /// The features z, [N, d, 1, 1]: a convolution of the means of the channels that enter the body.
    public let features: String
    /// The bias R z, [N, outputs, 1, 1], which is added to the last convolution's result.
    public let bias: String

    /// The names of the features, and of the bias.
    public init(features: String, bias: String) {
        self.features = features
        self.bias = bias
    }
}

/// A convolution whose weights are gathered at run time.
public struct WeightTable: Codable, Sendable, Equatable {
    /// [units, inputs * taps] for the first convolution, [units * inputs, taps] for those between, and
    /// [inputs, outputs * taps] for the last.
    public let weights: String
    /// [units, 1]; [units] in files of version 0.2
    public let bias: String
    /// [outputs, inputs, height, width] of the whole convolution.
    public let shape: [Int]
    /// The padding above and left of the maps.
    public let pads: [Int]
    /// The convolution's dilations along height and width.
    public let dilations: [Int]
}
