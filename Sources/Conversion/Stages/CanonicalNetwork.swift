import Calibration
import GraphIR
import MixtureOfDepths
import Passes

/// The first stage of a conversion: the source in canonical form, in which blocks are recognised.
///
///     ConversionSource -> CanonicalNetwork -> PlannedConversion -> FittedConversion -> ConvertedNetwork
///         -> VerifiedConversion, or UnverifiedConversion: only these can be written
public struct CanonicalNetwork: Sendable {
    /// The source.
    public let source: ConversionSource
    /// The request.
    public let request: ConversionRequest
    /// The source with its inputs' shapes fixed, before any pass.
    public let sourceModel: Model
    /// The source's graph in canonical form.
    public let canonical: Graph
    /// The graph that is converted: `canonical`, deepened if the request says so.
    public let graph: Graph
    /// The passes that changed something, in order, each once.
    public let changedPasses: [String]
    /// The number of blocks in each stage before a deepening; nil if there was none.
    public let depthsBefore: [Int]?

    /// - Throws: `ConversionError` if the source is already converted; any error of the passes and of the
    ///   deepening.
    public init(_ source: ConversionSource, _ request: ConversionRequest) throws {
        self.source = source
        self.request = request
        if let manifest = Manifest(source.model) {
            throw ConversionError.alreadyConverted(blocks: manifest.blocks.count, isRecognised: false)
        }
        var model = source.model
        if let fixed = try FixInputShapes(request.inputShapes).run(model.graph) { model.graph = fixed }
        if let rebatched = try SetBatch(request.batch).run(model.graph) { model.graph = rebatched }
        sourceModel = model
        let result = try Pipeline.canonical(batchNormalization: request.recipe.batchNormalization)
            .runRecording(model.graph)
        let routed = MoDRecogniser.blocks(in: result.graph).filter(\.form.isRouted)
        guard routed.isEmpty else {
            throw ConversionError.alreadyConverted(blocks: routed.count, isRecognised: true)
        }
        canonical = result.graph
        changedPasses = result.changes.reduce(into: []) { passes, change in
            if !passes.contains(change.pass) { passes.append(change.pass) }
        }
        if case .deepened(_, let depths) = request.recipe {
            let deepened = try Deepening.run(result.graph, to: depths, seed: request.seed)
            (graph, depthsBefore) = (deepened.graph, deepened.depths)
        } else {
            (graph, depthsBefore) = (result.graph, nil)
        }
    }

    /// Decides the verdict for every block. A network without convertible blocks is not an error here.
    ///
    /// - Throws: `ConversionError` if a named block cannot be converted; `CalibrationError` if the network
    ///   cannot be calibrated.
    public func plan() throws -> MoDPlan {
        let plan = try Planner.plan(graph, request, depthsBefore: depthsBefore ?? [])
        guard case .calibrated = request.recipe, !plan.leavesAll else { return plan }
        return try Calibrator.reachable(plan, graph)
    }

    /// The next stage.
    ///
    /// - Throws: the errors of `plan()`, and `ConversionError` if no block can be converted.
    public func planned() throws -> PlannedConversion {
        let plan = try plan()
        guard request.recipe.isIdentity || !plan.leavesAll || depthsBefore != nil else {
            throw ConversionError.nothing(in: plan, graph)
        }
        return PlannedConversion(network: self, plan: plan)
    }
}
