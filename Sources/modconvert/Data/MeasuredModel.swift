import GraphIR
import Measurement
import MixtureOfDepths
import ONNXFormat
import Runtime
import Verification

/// A model that a command measures, ready to run.
struct MeasuredModel {
    let path: String
    let graph: Graph
    let session: Session
    let inputs: [String: Tensor]
    /// The number of samples of a run; nil if the model's inputs have no batch.
    let batch: Int?
    /// Seconds from opening the file to the first answer.
    let firstAnswer: Double

    /// Reads the model and runs it once.
    ///
    /// - Throws: `UsageError` if the model does not accept the requested batch; any error of reading,
    ///   planning and running, with the file's path.
    init(path: String, _ options: MeasurementOptions, _ limits: LimitOptions) throws {
        let begin = MonotonicClock.seconds()
        let model = try ONNXFile.read(path: path, limits: limits.reading)
        let graph = try about(path) { try MeasuredModel.graph(of: model, batch: options.batch) }
        let given = try TensorInputs.read(options.input, for: graph).tensors
        let (session, inputs) = try about(path) {
            let inputs = try SeededInputs.tensors(
                for: graph, batch: options.batch ?? 1, seed: 0, index: 0, given: given)
            let session = try Session(
                graph, options: SessionOptions(threads: options.threads.count, limits: limits.running))
            _ = try session.run(inputs)
            return (session, inputs)
        }
        firstAnswer = MonotonicClock.seconds() - begin
        (self.path, self.graph, self.session, self.inputs) = (path, graph, session, inputs)
        batch = graph.inputs.lazy.compactMap { inputs[graph[$0].name]?.shape.first }.first
    }

    func run() throws {
        _ = try about(path) { try session.run(inputs) }
    }

    /// The graph that takes the batch.
    private static func graph(of model: Model, batch: Int?) throws -> Graph {
        guard let batch, model.graph.fixedBatch != batch else { return model.graph }
        let blocks = Manifest.of(model, canonical: model.graph)?.blocks ?? []
        guard let graph = model.graph.taking(batch: batch, blocks: blocks) else {
            let problem =
                model.graph.fixedBatch.map { "the model's batch is fixed to \($0)" }
                ?? "the model's inputs share no batch that can be set"
            throw UsageError("--batch \(batch)", problem, remedy: "leave --batch out")
        }
        return graph
    }
}
