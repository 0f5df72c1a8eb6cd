import GraphIR
import Operators

/// Replaces one residual block by its converted form. It makes no decisions.
///
/// Every sample of a batch makes its own choices. Every shape is static except for a symbolic batch.
struct BlockEmitter {
    var build: NodeBuilder
    let block: ConvBlock
    /// X: the block's input, or the value that has replaced it since recognition.
    let input: ValueID
    let spelling: any BlockSpelling
    /// The bias that each sample gets; nil for none.
    var dynamicBias: DynamicBias?
    /// The values of that bias, once it is emitted.
    var biasValues: BiasValues?

    init(
        _ edit: consuming GraphEdit, _ block: ConvBlock, input: ValueID, _ spelling: any BlockSpelling,
        sharing weights: [String: ValueID]
    ) {
        build = NodeBuilder(edit, scope: "\(block.scope)/mod")
        build.weights = weights
        self.block = block
        self.input = input
        self.spelling = spelling
    }

    /// Emits the block in the old one's place, and removes the old nodes and weights.
    mutating func emit(_ design: BlockDesign) throws -> EmittedBlock {
        if case .fitted(_, _, let bias) = design { dynamicBias = bias }
        return switch design {
        case .trainable(.routedPaper(let form), let start): try emit(form, start)
        case .trainable(.fixedPaper(let form), let start): try emit(form, start)
        case .trainable(.gatedHidden(let form), let start): try emit(form, start)
        case .trainable(.fixedHidden(let form), let start): try emit(form, start)
        case .fitted(.fixedHidden(let form, let layers, let constants), let body, _):
            try emit(form, body, layers, constants)
        case .fitted(.routedHidden(let form, let layers, let routers), let body, _):
            try emit(form, body, layers, routers)
        case .fitted(.fixedChannels(let form, let inputs, let layers), let body, _):
            try emit(form, body, layers, inputs: inputs)
        case .fitted(.routedChannels(let form, let gains, let layers), let body, _):
            try emit(form, body, layers, gains: gains)
        case .fitted(.pairedChannels(let form, let gains, let pairs, let layers), let body, _):
            try emit(form, body, layers, gains: gains, pairs)
        case .fitted(.dropped(let form), _, _): try emit(form)
        }
    }
}

/// A block as emission takes it: its form, and where its values come from.
enum BlockDesign {
    /// Weights are cut from the source's body, or drawn.
    case trainable(TrainableForm, WeightStart)
    /// Calibration fitted the values; the source's body is cut to them.
    case fitted(FittedBlock, LayeredBody, DynamicBias?)
}

/// The starting weights of a block to be trained.
struct WeightStart {
    let policy: WeightsPolicy
    let seed: UInt64
}

/// A block that was emitted.
public struct EmittedBlock: Sendable {
    /// The block, with the names of its values.
    public let block: MoDBlock
    /// The value that now stands for the old block's output.
    let output: ValueID
    /// The emitted nodes, in order.
    public let nodes: [NodeID]
}

// MARK: Parts that forms share

extension BlockEmitter {
    /// The element type of the residual stream.
    var elementType: ElementType { build.edit.graph[input].tensorType?.elementType ?? .float32 }

    /// A tensor of the residual stream's element type.
    func tensor(_ values: [Float], _ shape: [Int]) throws -> Tensor {
        try Tensor(shape: shape, values).casting(to: elementType)
    }

    /// Adds the body's result to the first `fused` channels of X; the other channels pass through.
    mutating func fuse(_ body: ValueID, _ form: some BlockPayload) throws -> ValueID {
        guard form.fused < form.channels else { return try build.add("Add", [body, input], "fusion") }
        return try spelling.fuse(body, into: input, form.fusedPart, &build)
    }

    /// The sum of the body's result and the shortcut; without a shortcut, the body's result.
    mutating func join(_ body: ValueID, _ form: some BlockPayload) throws -> ValueID {
        switch block.shortcut {
        case .identity: try fuse(body, form)
        case .projection: try build.add("Add", [body, try projection], "fusion")
        case .none: body
        }
    }

    /// The result of the shortcut's nodes, which stay.
    private var projection: ValueID {
        get throws {
            let result = block.shortcutNodes.last.flatMap { build.edit.graph[$0].output(0) }
            guard let result else { throw ConversionError.notAsPlanned(block.scope, .noShortcut) }
            return result
        }
    }

    /// The value that the block adds its body's result to.
    private var shortcut: BlockShortcut {
        switch block.shortcut {
        case .identity: .identity
        case .projection: (try? projection).map { .value(build.name($0)) } ?? .identity
        case .none: .none
        }
    }

    /// The indices of the k highest scores along axis 1, ascending: [N, k, 1, 1] for scores [N, C, 1, 1].
    ///
    /// Sorted indices make a slot of the body see the same channel in as many samples as possible.
    ///
    /// - Parameter scope: the prefix of the new names, such as `router/`.
    mutating func chooseHighest(
        _ scores: ValueID, _ k: Int, of units: Int, in scope: String = ""
    ) throws -> ValueID {
        try build.sorted(try choose(scores, k, of: units, in: scope), k, in: scope)
    }

    /// The indices of the k highest of `units` scores along axis 1, [N, k, 1, 1], in no particular order.
    mutating func choose(_ scores: ValueID, _ k: Int, of units: Int, in scope: String) throws -> ValueID {
        let highest = try build.topK(
            scores, k, "\(scope)topk", largest: true, sorted: spelling.sortsChosen)
        guard spelling.breaksTies, k < units else { return highest.indices }
        return try build.breakTies(scores, highest.values, k, of: units, in: scope)
    }

    /// The emitted block, with the names of its values.
    func emitted(
        _ form: some BlockPayload, output: ValueID, gathered: ValueID, body: ValueID,
        choices: [ChoiceValues] = [], tables: [WeightTable] = []
    ) -> EmittedBlock {
        let values = BlockValues(
            input: build.name(input), output: build.name(output), gathered: build.name(gathered),
            body: build.name(body), shortcut: shortcut, choices: choices, tables: tables,
            bias: biasValues)
        return EmittedBlock(
            block: MoDBlock(scope: block.scope, form: form.form, values: values), output: output,
            nodes: build.nodes)
    }

    // MARK: Removing the old block

    /// Makes every reader of the old block's output read `output`, and removes the old nodes and weights.
    mutating func replaceOldBlock(by output: ValueID) throws {
        try replace(block.output, by: output)
        let sum = block.add.map { [$0] } ?? []
        try remove(block.finalActivation.reversed() + sum + block.body.reversed())
    }

    /// Like `replaceOldBlock`, for a block that keeps the activation after its sum.
    mutating func replaceOldSum(by output: ValueID) throws {
        guard let add = block.add, let sum = build.edit.graph[add].output(0) else {
            throw ConversionError.notAsPlanned(block.scope, .noShortcut)
        }
        try replace(sum, by: output)
        try remove([add] + block.body.reversed())
    }

    private mutating func replace(_ old: ValueID, by output: ValueID) throws {
        if output != input { build.edit.setType(output, build.edit.graph[old].type) }
        try build.edit.replaceUses(of: old, with: output)
    }

    private mutating func remove(_ old: [NodeID]) throws {
        for id in old {
            let parameters = build.edit.graph[id].inputs.compactMap { $0 }
            try build.edit.removeNode(id)
            for parameter in parameters
            where build.edit.graph.contains(parameter) && build.edit.graph[parameter].constant != nil
                && build.edit.graph[parameter].useCount == 0
            {
                // The weights that were sliced from it are copies.
                build.edit.graph[parameter].constant?.bytes.releasePages()
                try build.edit.removeValue(parameter)
            }
        }
    }
}

extension BlockPayload {
    /// The channels that enter the body, out of all.
    var processedPart: ChannelPart { ChannelPart(k: processed, channels: channels) }
    /// The channels that the body's result is added to, out of all.
    var fusedPart: ChannelPart { ChannelPart(k: fused, channels: channels) }
}
