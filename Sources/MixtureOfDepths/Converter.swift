import GraphIR
import Operators

/// Applies a plan: every block that it converts becomes a MoD block.
public enum Converter {
    /// What a conversion made.
    public struct Conversion: Sendable {
        /// The converted model, its manifest among its metadata.
        public let model: Model
        /// The plan that was applied.
        public let plan: MoDPlan
        /// The MoD blocks, in the order of `plan.conversions`.
        public let blocks: [EmittedBlock]
        /// The opset before, if it had to be raised.
        public let raisedFromOpset: Int?
    }

    /// Where the source comes from, for the manifest.
    public struct Source: Sendable {
        /// Of the source file's bytes; nil for a network that was built.
        public var sha256: String? { fingerprint() }
        private let fingerprint: @Sendable () -> String?
        /// The shapes that its inputs were given before the conversion, as `name=1x3x224x224`.
        public let inputShapes: [String]
        /// What was done with its BatchNormalization before the plan was made; nil if nothing.
        public let batchNormalization: String?
        /// The images that the blocks' weights were fitted to; nil for the paper's recipe.
        public let calibration: CalibrationData?

        /// What is known of the source. The fingerprint is asked for last, when the manifest is written.
        public init(
            sha256: @autoclosure @escaping @Sendable () -> String?, inputShapes: [String] = [],
            batchNormalization: String? = nil, calibration: CalibrationData? = nil
        ) {
            fingerprint = sha256
            self.inputShapes = inputShapes
            self.batchNormalization = batchNormalization
            self.calibration = calibration
        }
    }

    /// The converted model. `plan` must have been made for `model.graph`; nothing is decided here.
    ///
    /// - Parameter calibrated: what calibration made for the plan's blocks; nil for the paper's blocks.
    /// - Throws: `ConversionError`; `OperatorError` or `GraphError` if the result were not valid.
    public static func apply(
        _ plan: MoDPlan, to model: Model, source: Source, weights calibrated: CalibratedWeights? = nil
    ) throws -> Conversion {
        let sourceOpset = model.graph.opsets.onnx
        var edit = GraphEdit(try raiseOpset(model.graph, plan))
        var blocks: [EmittedBlock] = []
        // A block's input may be the output of a block that was replaced just before.
        var replaced: [ValueID: ValueID] = [:]
        // Blocks that share their weights, as the towers of a siamese network do, share the new ones.
        var weights: [[ValueID]: [String: ValueID]] = [:]
        for (entry, shape) in plan.conversions {
            let block = entry.block
            // Handed over and taken back: two owners would make every change copy the graph.
            var emitter = BlockEmitter(
                consume edit, block, input: replaced[block.input] ?? block.input, shape, plan.options,
                calibrated?.blocks[block.closing])
            let parameters = block.parameters(in: model.graph)
            emitter.weights = weights[parameters] ?? [:]
            let emitted = try emitter.emit()
            weights[parameters] = emitter.weights
            replaced[block.output] = emitted.output
            blocks.append(emitted.block)
            edit = emitter.edit
        }
        for (convolution, parameters) in (calibrated?.refits ?? [:]).sorted(by: { $0.key < $1.key }) {
            try edit.replaceParameters(of: convolution, by: parameters)
        }
        let graph = try ShapeInference.infer(try edit.commit())
        var converted = model
        converted.graph = graph
        if graph.initializers.contains(where: { $0.definition == .initializer }) {
            converted.irVersion = max(converted.irVersion, unlistedInitializersIR)
        }
        if !blocks.isEmpty {
            let manifest = manifest(plan, blocks, model, source)
            converted.metadata += try manifest.entries()
        }
        converted.producerName = ModConvertVersion.producer
        converted.producerVersion = ModConvertVersion.text
        return Conversion(
            model: converted, plan: plan, blocks: blocks,
            raisedFromOpset: graph.opsets.onnx > sourceOpset ? sourceOpset : nil)
    }

    /// Raises the opset if a block needs it: where an extent is symbolic, GatherND with batch dimensions; to be
    /// trained, GatherElements.
    private static func raiseOpset(_ graph: Graph, _ plan: MoDPlan) throws -> Graph {
        let needsRaising = plan.conversions.contains { entry, shape in
            switch shape.kind {
            case .paper:
                plan.options.router == .topk
                    && (graph[entry.block.input].shape?.isStatic != true || plan.options.emission == .train)
            case .routedChannels, .routedHidden, .gatedHidden: true
            case .fixedChannels, .fixedHidden, .dropped: false
            }
        }
        guard needsRaising else { return graph }
        switch try OpsetUpgrade.raise(graph, to: batchedGatherOpset) {
        case .success(let raised): return raised
        case .failure(let obstacle):
            throw ConversionError.opset(
                have: graph.opsets.onnx, need: batchedGatherOpset, obstacle: obstacle.node)
        }
    }

    /// The opset that gave GatherND its `batch_dims`.
    private static let batchedGatherOpset = 12

    /// The first IR version whose initialisers need not be graph inputs.
    private static let unlistedInitializersIR = 4

    private static func manifest(
        _ plan: MoDPlan, _ blocks: [EmittedBlock], _ model: Model, _ source: Source
    ) -> Manifest {
        let options = plan.options
        let producer = [model.producerName, model.producerVersion].filter { !$0.isEmpty }
        var manifest = Manifest(
            version: ModConvertVersion.text, ratio: options.target.text,
            router: options.form?.choice.rawValue ?? options.router.rawValue,
            weights: options.form?.weights.rawValue ?? options.weights.rawValue,
            selectorReduction: options.selectorReduction, roundTo: options.roundTo, seed: options.seed,
            placement: options.blocks.text, emission: options.emission.rawValue,
            sourceSHA256: source.sha256, inputShapes: source.inputShapes,
            batchNormalization: source.batchNormalization,
            sourceProducer: producer.isEmpty ? nil : producer.joined(separator: " "),
            blocks: blocks.map(Manifest.Block.init))
        if options.form == nil, options.route == .hidden {
            manifest.route = options.route.rawValue
            manifest.hiddenMultiple = options.hiddenMultiple == 1 ? nil : options.hiddenMultiple
        }
        manifest.calibration = source.calibration.map { CalibrationRecord($0, options) }
        manifest.deepening = options.deepening.map { $0.to.map(String.init).joined(separator: ",") }
        return manifest
    }
}

/// This tool's name and version, as files and `--version` show them.
public enum ModConvertVersion {
    /// The `producer_name` of files that this tool writes.
    public static let producer = "modconvert"
    /// The version, as in `--version`.
    public static let text = "0.1.0"
}
