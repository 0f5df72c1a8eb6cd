import ArgumentParser
import GraphIR
import MixtureOfDepths
import ONNXFormat
import Operators
import Passes
import Report

/// `modconvert inspect`: what a model is.
struct Inspect: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "inspect",
        abstract: "Show a model's interface, operators, blocks and manifest.",
        discussion: """
            For a source model, each residual block says whether it can be converted, and if not, why; for \
            a converted one, the blocks and facts are those of its manifest.
            """)

    @Argument(help: "The ONNX file.")
    var model: String

    @OptionGroup var shapes: InputShapeOptions
    @OptionGroup var output: OutputOptions

    func run() throws {
        let console = Console(output)
        try output.json?.check(against: [model])
        let file = try ONNXFile.read(path: model)
        let report = try about(model) {
            let source = try shapes.apply(to: file)
            let graph = try Pipeline.canonical().run(source.graph)
            let manifest = Manifest(source)
            return ModelReport(
                source, file: model, graph: graph, count: MACCount(graph),
                blocks: NetworkBlock.all(in: graph, manifest: manifest),
                ledger: manifest == nil ? try Inspect.defaultPlan(graph) : nil)
        }
        try console.show(report.text)
        try console.write(json: report)
    }

    /// What conversion would do by default; which blocks it takes does not depend on the ratio.
    private static func defaultPlan(_ graph: Graph) throws -> MoDPlan? {
        guard let ratio = ModRatio(reduction: 2) else { return nil }
        return try Planner.plan(graph, ConversionOptions(ratio: ratio))
    }
}
