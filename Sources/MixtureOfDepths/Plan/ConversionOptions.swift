import GraphIR

/// The share of a block's channels that a MoD block processes: `--mod-ratio R`, or `--mod-reduction C`.
public struct ModRatio: Sendable, Equatable, CustomStringConvertible {
    /// R = numerator / denominator, in lowest terms.
    public let numerator: Int
    /// At least the numerator, at most 2^30.
    public let denominator: Int

    /// - Returns: nil unless 0 < R <= 1.
    public init?(numerator: Int, denominator: Int) {
        guard numerator > 0, numerator <= denominator, denominator <= 1 << 30 else { return nil }
        let divisor = ModRatio.greatestCommonDivisor(numerator, denominator)
        self.numerator = numerator / divisor
        self.denominator = denominator / divisor
    }

    private static func greatestCommonDivisor(_ a: Int, _ b: Int) -> Int {
        b == 0 ? a : greatestCommonDivisor(b, a % b)
    }

    /// A ratio as a user writes it: `0.5` or `1/64`.
    ///
    /// A decimal is taken at its word: `0.1` is 1/10, not the nearest binary fraction.
    public init?(_ text: String) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        if parts.count == 2, let numerator = Int(parts[0]), let denominator = Int(parts[1]) {
            self.init(numerator: numerator, denominator: denominator)
            return
        }
        let digits = text.split(separator: ".", omittingEmptySubsequences: false)
        guard digits.count <= 2, let whole = digits.first, whole.allSatisfy({ $0.isASCII && $0.isNumber }),
            let value = Int(whole.isEmpty ? "0" : whole), (0...1).contains(value)
        else { return nil }
        let fraction = digits.count == 2 ? digits[1] : ""
        guard fraction.count <= 9, fraction.allSatisfy({ $0.isASCII && $0.isNumber }) else { return nil }
        var denominator = 1
        for _ in fraction { denominator *= 10 }
        guard let part = Int(fraction.isEmpty ? "0" : String(fraction)) else { return nil }
        self.init(numerator: value * denominator + part, denominator: denominator)
    }

    /// R = 1/c, the paper's reduction.
    public init?(reduction: Int) { self.init(numerator: 1, denominator: reduction) }

    /// Nothing is left out: blocks stay as they are.
    public var isIdentity: Bool { numerator == denominator }

    /// k = max(1, floor(C * R)), computed in integers.
    public func channels(of count: Int) -> Int {
        let (high, low) = count.multipliedFullWidth(by: numerator)
        return max(1, denominator.dividingFullWidth((high, low)).quotient)
    }

    /// As short as it goes and exact: `0.5`, `0.125`, `1/64` reads back as the same ratio.
    public var description: String {
        var scale = 10
        for digits in 1...3 {
            if (numerator * scale) % denominator == 0 {
                let decimals = String(numerator * scale / denominator)
                if isIdentity { return "1" }
                return "0." + String(repeating: "0", count: digits - decimals.count) + decimals
            }
            scale *= 10
        }
        return "\(numerator)/\(denominator)"
    }
}

/// Which blocks are to become MoD blocks.
public enum BlockSelection: Sendable, Equatable {
    /// Blocks 1, 3, 5, ... (0-based) of each stage: the paper's placement.
    case alternate
    /// Every block that can be replaced.
    case all
    /// Of the blocks that a deepening appends, those at the paper's places.
    case appended
    /// Blocks by scope name (`layer3.1`, `/layer3/layer3.1`) or as `stage.block`, both 0-based.
    case named([String])
}

/// How the processed channels are chosen.
public enum Router: String, Sendable, CaseIterable {
    /// The paper's selector: per sample, the k channels with the highest scores.
    case topk
    /// The first k channels, without a selector: the baseline that every router has to beat.
    case fixed
}

/// How the new body gets its weights.
public enum WeightsPolicy: String, Sendable, CaseIterable {
    /// Sliced from the source's body by importance.
    case slice
    /// Drawn anew (He), as for a network that is to be trained from scratch.
    case he
    /// As `he`, and the body's last normalisation, or its last convolution where there is none, starts at zero:
    /// the new block passes its input, and a trained network around it goes on computing what it did.
    case zero
}

/// How a MoD block is spelled in ONNX; all spellings compute the same.
public enum Emission: String, Sendable, CaseIterable {
    /// Operator by operator as the paper defines the block.
    case literal
    /// As runtimes with blocked layouts run it fastest; see docs/emission.md.
    case fast
    /// As onnx2torch reads it, PyTorch trains it, and both of PyTorch's exporters write it; see docs/training.md.
    case train

    /// The spelling where none is asked for.
    public static let standard = Emission.literal
}

/// All that decides how a model is converted; the manifest records it.
public struct ConversionOptions: Sendable, Equatable {
    /// How much of the blocks is left.
    public var target: ConversionTarget
    /// Which blocks may be converted.
    public var blocks: BlockSelection
    /// How the paper's block chooses channels.
    public var router: Router
    /// How the paper's block gets its weights.
    public var weights: WeightsPolicy
    /// Rounds k down to a multiple of this, at least that multiple; nil leaves k as it comes.
    public var roundTo: Int?
    /// r: the selector's hidden layer has C / r units.
    public var selectorReduction: Int
    /// Of all that is drawn: selectors, weights, samples.
    public var seed: UInt64
    /// How blocks are spelled in ONNX.
    public var emission: Emission
    /// What a block's router chooses, where it is to be trained: the paper's input channels, or hidden units.
    public var route = CalibratedForm.Route.channels
    /// With `route` hidden: the filters of each hidden layer, as a multiple of the replaced block's. The ratio is
    /// the share of them that a sample computes.
    public var hiddenMultiple = 1
    /// The blocks of each stage before and after the deepening that the graph has gone through.
    public var deepening: (from: [Int], to: [Int])? {
        get { deepenedFrom.isEmpty ? nil : (deepenedFrom, deepenedTo) }
        set { (deepenedFrom, deepenedTo) = (newValue?.from ?? [], newValue?.to ?? []) }
    }
    private var deepenedFrom: [Int] = []
    private var deepenedTo: [Int] = []
    /// How blocks keep a trained network's accuracy; nil for the paper's block, to which `router`, `weights` and
    /// `selectorReduction` belong.
    public var form: CalibratedForm?

    /// Options for one ratio of all blocks.
    public init(
        ratio: ModRatio, blocks: BlockSelection = .alternate, router: Router = .topk,
        weights: WeightsPolicy = .slice, roundTo: Int? = nil, selectorReduction: Int = 16, seed: UInt64 = 0,
        emission: Emission = .standard,
        form: CalibratedForm? = nil
    ) {
        self.init(
            target: .ratio(ratio), blocks: blocks, router: router, weights: weights, roundTo: roundTo,
            selectorReduction: selectorReduction, seed: seed, emission: emission, form: form)
    }

    /// Options for a ratio or a budget.
    public init(
        target: ConversionTarget, blocks: BlockSelection = .alternate, router: Router = .topk,
        weights: WeightsPolicy = .slice, roundTo: Int? = nil, selectorReduction: Int = 16, seed: UInt64 = 0,
        emission: Emission = .standard,
        form: CalibratedForm? = nil
    ) {
        self.target = target
        self.blocks = blocks
        self.router = router
        self.weights = weights
        self.roundTo = roundTo
        self.selectorReduction = selectorReduction
        self.seed = seed
        self.emission = emission
        self.form = form
    }
}
