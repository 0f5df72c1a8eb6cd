import GraphIR
import Operators
import Passes

/// Applies a plan: every block that it converts becomes a MoD block.
public enum Converter {
    /// The result of a conversion.
    public struct Conversion: Sendable {
        /// The converted model, its manifest among its metadata.
        public let model: Model
        /// The plan that was applied.
        public let plan: MoDPlan
        /// The MoD blocks, in the order of `plan.conversions`.
        public let blocks: [EmittedBlock]
        /// The opset before the conversion, if it had to be raised.
        public let raisedFromOpset: Int?
    }

    /// The converted model. `plan` must have been made for `model.graph`; nothing is decided here.
    ///
    /// - Parameters:
    ///   - sourceSHA256: the hash of the source file's bytes, for the manifest; nil for a network that was
    ///     built. It is evaluated last.
    ///   - calibrated: the weights that calibration computed for the plan's blocks.
    /// - Throws: `ConversionError`; `OperatorError` or `GraphError` if the result is not valid.
    public static func apply(
        _ plan: MoDPlan, to model: Model, sourceSHA256: @autoclosure () -> String?,
        weights calibrated: CalibratedWeights = CalibratedWeights()
    ) throws -> Conversion {
        let sourceOpset = model.graph.opsets.onnx
        let target = plan.request.recipe.target
        var edit = GraphEdit(try raiseOpset(model.graph, plan))
        var blocks: [EmittedBlock] = []
        // A block's input may be the output of a block that was replaced just before.
        var replaced: [ValueID: ValueID] = [:]
        // Blocks that share their weights, as the towers of a siamese network do, share the new ones.
        var weights: [WeightOrigin: [String: ValueID]] = [:]
        for (entry, planned) in plan.conversions {
            let block = entry.block
            let design = try design(of: planned, block, plan, calibrated)
            let origin = WeightOrigin(design, block, model.graph, calibrated)
            // Moved into the emitter and back: with two owners every change would copy the graph.
            var emitter = BlockEmitter(
                consume edit, block, input: replaced[block.input] ?? block.input, target.profile.spelling,
                sharing: weights[origin] ?? [:])
            let emitted = try emitter.emit(design)
            weights[origin] = emitter.build.weights
            replaced[block.output] = emitted.output
            blocks.append(emitted)
            edit = emitter.build.edit
        }
        var refits: [NodeID: (weights: ValueID, bias: ValueID)] = [:]
        for (convolution, parameters) in calibrated.refits.sorted(by: { $0.key < $1.key }) {
            let original = calibrated.original(of: convolution)
            refits[original] = try edit.replaceParameters(
                of: convolution, by: parameters, sharing: refits[original])
        }
        let graph = try ShapeInference.infer(try edit.commit())
        var converted = model.replacingGraph(graph)
        if !blocks.isEmpty {
            let manifest = Manifest(
                version: ModConvertVersion.text, request: plan.request, sourceSHA256: sourceSHA256(),
                sourceProducer: model.producer, blocks: blocks.map(\.block))
            converted.metadata += try manifest.entries()
        }
        converted.producerName = ModConvertVersion.producer
        converted.producerVersion = ModConvertVersion.text
        return Conversion(
            model: converted, plan: plan, blocks: blocks,
            raisedFromOpset: graph.opsets.onnx > sourceOpset ? sourceOpset : nil)
    }

    /// A planned block with the values that it needs.
    private static func design(
        of planned: PlannedBlock, _ block: ConvBlock, _ plan: MoDPlan, _ calibrated: CalibratedWeights
    ) throws -> BlockDesign {
        switch (planned, plan.request.recipe) {
        case (.trainable(let form), .paper(let paper, _)), (.trainable(let form), .deepened(let paper, _)):
            return .trainable(form, WeightStart(policy: paper.weights, seed: plan.request.seed))
        case (.calibrated(_, let body), .calibrated):
            guard let fitted = calibrated.blocks[block.closing] else {
                throw ConversionError.notFitted(block.scope)
            }
            return .fitted(fitted, body, calibrated.biases[block.closing])
        case (.trainable, .calibrated), (.calibrated, .paper), (.calibrated, .deepened):
            throw ConversionError.notFitted(block.scope)
        }
    }

    /// Raises the opset if a block needs it: a symbolic batch needs Range, open heights and widths GatherND with
    /// batch dimensions, the spelling for training GatherElements, a choice between two channels Where, and ties
    /// that the file breaks by itself a TopK of integers.
    private static func raiseOpset(_ graph: Graph, _ plan: MoDPlan) throws -> Graph {
        let target = plan.request.recipe.target
        let needs = plan.conversions.map { entry, block -> Int in
            let ties = block.form.isRouted && target.profile.spelling.breaksTies ? integerTopKOpset : 0
            switch block.form.payload.gathering {
            case .none: return ties
            case .oneOfTwo: return whereOpset
            case .batched: return batchedGatherOpset
            case .flatIfStatic:
                let isStatic = graph[entry.block.input].shape?.isStatic == true
                return isStatic && target != .training ? ties : batchedGatherOpset
            }
        }
        let need = needs.max() ?? 0
        guard graph.opsets.onnx < need else { return graph }
        switch try OpsetUpgrade.raise(graph, to: need) {
        case .success(let raised): return raised
        case .failure(let obstacle):
            throw ConversionError.opset(have: graph.opsets.onnx, need: need, obstacle: obstacle.node)
        }
    }

    /// The opset that gave ONNX the operator Where.
    static let whereOpset = 9

    /// The opset from which TopK takes integers, and Equal floats.
    static let integerTopKOpset = 11

    /// The opset that gave GatherND its `batch_dims`.
    static let batchedGatherOpset = 12
}

/// The origin of a block's new weights: blocks of one origin share them.
private enum WeightOrigin: Hashable {
    /// Weights that are cut from the source's: those.
    case source([ValueID])
    /// Fitted weights: the first block that they were fitted for.
    case fit(NodeID)

    init(_ design: BlockDesign, _ block: ConvBlock, _ graph: Graph, _ calibrated: CalibratedWeights) {
        switch design {
        case .trainable: self = .source(graph.constants(readBy: block.body))
        case .fitted: self = .fit(calibrated.original(of: block.closing))
        }
    }
}

/// This tool's name and version, as files and `--version` show them.
public enum ModConvertVersion {
    /// The `producer_name` of files that this tool writes.
    public static let producer = "modconvert"
    /// The version, as in `--version`.
    public static let text = "0.2.0"
}
