import Calibration
import GraphIR
import MixtureOfDepths
import ONNXFormat
import Operators
import Passes
import Report

/// The file that is converted.
struct ConversionSource {
    /// With its inputs' shapes fixed.
    let model: Model
    let inputShapes: [InputShape]
    /// Of the file's bytes.
    var sha256: String { fingerprint.value }
    /// The names of the weights that hold NaN or infinite numbers.
    var nonFiniteWeights: [String] { nonFinite.value }

    private let fingerprint: Background<String>
    private let nonFinite: Background<[String]>

    init(path: String, _ shapes: InputShapeOptions, limits: ImportLimits, threads: Int) throws {
        let source = try ONNXFile.read(path: path, limits: limits)
        let bytes = try MappedFile(path: path).bytes
        fingerprint = Background(threads: threads) { Fingerprint.sha256(bytes) }
        model = try about(path) { try shapes.apply(to: source) }
        inputShapes = shapes.inputShape
        nonFinite = Background(threads: threads) { source.graph.nonFiniteInitializers.map(\.name) }
    }
}

/// The stages of a conversion, from the source's graph to the converted model, with their costs.
struct ConversionWork {
    let conversion: Converter.Conversion
    let ledger: LedgerReport
    let before: ConversionReport.Totals
    let after: ConversionReport.Totals
    let costs: BlockCosts
    /// The passes that changed something, in order, each once.
    let changedPasses: [String]
    /// What a user should know of the result, a sentence each.
    let notes: [String]
    /// What was calibrated; nil for the paper's recipe.
    let calibration: Calibration?

    /// - Parameters:
    ///   - work: how the blocks are calibrated; nil for the paper's recipe.
    ///   - depths: the blocks that the stages are to have; nil for those they have.
    ///   - budget: what the result has to reach; nil for one ratio for all blocks.
    /// - Throws: `ConversionError` if the source is converted already or none of its blocks can be; what the
    ///   stages throw.
    init(
        _ source: ConversionSource, _ options: ConversionOptions, _ bn: BatchNormalizationPolicy,
        deepenedTo depths: [Int]? = nil, _ work: CalibrationWork? = nil, budget: BudgetArguments? = nil
    ) throws {
        var options = options
        if let manifest = Manifest(source.model) {
            throw ConversionError.alreadyConverted(
                blocks: manifest.blocks.count, isRecognised: false)
        }
        let canonical = try Pipeline.canonical(batchNormalization: bn).runRecording(source.model.graph)
        let routed = MoDRecogniser.blocks(in: canonical.graph).filter(\.isRouted)
        guard routed.isEmpty else {
            throw ConversionError.alreadyConverted(blocks: routed.count, isRecognised: true)
        }
        let deepened = try depths.map {
            try Deepening.run(canonical.graph, to: $0, seed: options.seed)
        }
        if let depths, let deepened { options.deepening = (deepened.depths, depths) }
        let graph = deepened?.graph ?? canonical.graph
        var plan = try Planner.plan(graph, options)
        guard options.target.isIdentity || !plan.leavesAll || deepened != nil else {
            throw ConversionError.nothing(in: plan, graph)
        }
        var model = source.model
        model.graph = graph
        var remarks: [String: String] = [:]
        var work = work
        if !plan.conversions.isEmpty || budget != nil { try work?.useStatistics(of: source.model.graph) }
        if let work, let budget {
            let result = try BudgetWork(budget: budget, calibration: work).calibrate(plan, model)
            calibration = result.calibration
            remarks = result.remarks
        } else {
            calibration = plan.conversions.isEmpty ? nil : try work?.calibrate(plan, graph)
        }
        if let calibration { plan = calibration.plan }
        conversion = try Converter.apply(
            plan, to: model,
            source: Converter.Source(
                sha256: source.sha256, inputShapes: source.inputShapes.map(\.description),
                batchNormalization: bn == .keep ? nil : bn.rawValue, calibration: work?.record),
            weights: calibration?.weights)
        let counts = (MACCount(graph), MACCount(conversion.model.graph))
        ledger = LedgerReport(
            plan, graph: graph, savings: conversion.savings(before: counts.0, after: counts.1),
            remarks: remarks)
        before = ConversionReport.Totals(
            deepened == nil ? counts.0 : MACCount(canonical.graph), canonical.graph)
        after = ConversionReport.Totals(counts.1, conversion.model.graph)
        costs = BlockCosts(
            source: canonical.graph, converted: conversion.model.graph,
            manifest: Manifest(conversion.model))
        changedPasses = canonical.changes.reduce(into: []) { passes, change in
            if !passes.contains(change.pass) { passes.append(change.pass) }
        }
        notes =
            source.inputShapes.map { "input shape fixed to \($0)" }
            + ConversionWork.notes(conversion, source, options, bn)
            + (calibration.map { ConversionWork.notes($0, options) } ?? []) + (work?.notes ?? [])
    }

    /// What a user should know of a calibrated network.
    private static func notes(_ calibration: Calibration, _ options: ConversionOptions) -> [String] {
        let comparison = calibration.comparison
        let agreement = Quantity.fixed(100 * comparison.agreement, decimals: 1) + " %"
        let routed = calibration.outcomes.count { $0.kind.isRouted }
        var notes: [String] = []
        if options.target != calibration.plan.options.target {
            notes.append(
                "\(options.target.text) was found at \(calibration.plan.options.target.text) "
                    + "multiply-accumulates: --target-macs with this number makes the same file again")
        }
        let images =
            "on \(comparison.samples) calibration images\(comparison.isHeldOut ? " that no fit saw" : "")"
        let error = Quantity.fixed(100 * comparison.error.squareRoot(), decimals: 1) + " %"
        return notes + [
            comparison.isOfOutput
                ? "\(images) the network agrees with its source in \(agreement)"
                : "\(images) the last block's output errs by \(error); the head cannot be run, so how often the "
                    + "network agrees with its source was not measured"
        ]
            + (routed > 0
                ? [
                    "\(routed) routed blocks gather weights for each sample, which costs time beside their "
                        + "multiply-accumulates; --router fixed may run faster"
                ] : [])
    }

    private static func notes(
        _ conversion: Converter.Conversion, _ source: ConversionSource, _ options: ConversionOptions,
        _ bn: BatchNormalizationPolicy
    ) -> [String] {
        let model = source.model
        var notes: [String] = []
        let (old, new) = (model.graph.opsets.onnx, conversion.model.graph.opsets.onnx)
        if new > old {
            let reason =
                conversion.raisedFromOpset == nil
                ? "has LayerNormalization" : "gathers per sample of a symbolic batch"
            notes.append("opset raised from \(old) to \(new), which \(reason)")
        }
        if conversion.model.irVersion > model.irVersion {
            notes.append(
                "IR version raised from \(model.irVersion) to \(conversion.model.irVersion), "
                    + "which does not list initializers as inputs")
        }
        let nonFinite = source.nonFiniteWeights
        if let first = nonFinite.first {
            notes.append(
                "\(nonFinite.count) of the weights hold NaN or infinite numbers, the first is \(first)")
        }
        if bn == .folded {
            notes.append("BatchNormalization is folded: its scales and biases are no parameters of their own")
        }
        guard options.form == nil else { return notes }
        if let (from, to) = options.deepening {
            let count = zip(to, from).reduce(0) { $0 + $1.0 - $1.1 }
            notes.append("\(count) blocks are new, and pass their input until they are trained")
            if options.blocks == .appended { return notes }
        }
        guard !conversion.blocks.isEmpty else {
            return notes + ["ratio 1 leaves every block as it is: the source in canonical form"]
        }
        let selectors = options.router == .topk ? " and untrained selectors" : ""
        let start =
            switch options.weights {
            case .slice: "hold slices of the source's weights\(selectors)"
            case .he: "hold random weights\(selectors)"
            case .zero: "pass their input until they are trained"
            }
        notes.append(
            "the converted blocks \(start): train the network before its predictions mean anything")
        if conversion.blocks.contains(where: { $0.shape.kind == .gatedHidden && $0.tables.isEmpty }) {
            notes.append(
                "hidden units that a sample does not choose are computed and multiplied by 0, as training needs "
                    + "it: the multiply-accumulates are those of all of them")
        }
        return notes
    }
}
