import ArgumentParser
import GraphIR
import MixtureOfDepths
import ONNXFormat
import Operators
import Passes
import Report
import Runtime

/// `modconvert macs`: the costs of a model.
struct Macs: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "macs",
        abstract: "Count multiply-accumulates, parameters and activation memory.",
        discussion: """
            Per node, per residual or MoD block, and in total, of the model in canonical form: constants \
            are folded, nodes that only matter in training are left out. A symbolic batch counts as one sample. \
            Parameters are trainable values: weights, biases, scales; not running statistics.
            """)

    @Argument(help: "The ONNX file.", completion: .model)
    var model: String

    @Option(
        help:
            "strict counts the multiply-accumulates of Conv, Gemm and MatMul; all adds one for each elementary operation of every other operator."
    )
    var convention = MACCount.Convention.strict

    @OptionGroup var shapes: InputShapeOptions
    @OptionGroup(title: "Limits") var limits: LimitOptions
    @OptionGroup var output: OutputOptions

    func run() throws {
        let console = Console(output)
        try output.json?.check(against: [model])
        let file = try ONNXFile.read(path: StandardStream.input(model), limits: limits.reading)
        let report = try about(model) {
            let source = try shapes.apply(to: file)
            let graph = try Pipeline.canonical().run(source.graph)
            return CostReport(
                MACCount(graph), blocks: NetworkBlock.all(in: graph, manifest: .of(source, canonical: graph)),
                convention: convention, peakActivationBytes: try graph.peakActivationBytes(limits.running))
        }
        try console.show(report.text)
        try console.write(json: report)
    }
}

extension Graph {
    /// The most bytes that inner values and outputs take at one time for one sample; nil if an unknown extent
    /// decides that, or the graph cannot be run.
    fileprivate func peakActivationBytes(_ limits: RunLimits) throws -> Int? {
        var edit = GraphEdit(self)
        for id in inputs {
            guard var type = self[id].tensorType, var shape = type.shape, case .symbol? = shape.dims.first
            else { continue }
            shape[0] = 1
            type.shape = shape
            edit.setType(id, .tensor(type))
        }
        guard
            let session = try? Session(try edit.commit(), options: SessionOptions(threads: 1, limits: limits))
        else {
            return nil
        }
        return session.peakActivationBytes == 0 ? nil : session.peakActivationBytes
    }
}
