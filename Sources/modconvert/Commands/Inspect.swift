import ArgumentParser
import Conversion
import GraphIR
import MixtureOfDepths
import ONNXFormat
import Operators
import Passes
import Report

/// `modconvert inspect`: describes a model.
struct Inspect: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "inspect",
        abstract: "Show a model's interface, operators, blocks and manifest.",
        discussion: """
            For a source model, each residual block says whether it can be converted, and if not, why; for \
            a converted one, the blocks and facts are those of its manifest.
            """)

    @Argument(help: "The ONNX file.", completion: .model)
    var model: String

    @Option(
        defaultAsFlag: .largest(TensorCount.usual),
        help: ArgumentHelp(
            "List the largest weights: that many (default: \(TensorCount.usual)), or all.", valueName: "n"))
    var tensors: TensorCount?

    @Flag(help: "List every value that a node computes, with its shape.")
    var values = false

    @Option(
        help: ArgumentHelp(
            "Write a drawing of the graph for Graphviz (dot -Tsvg), blocks in frames.", valueName: "file"),
        completion: .file(extensions: ["dot", "gv"]))
    var dot: String?

    @OptionGroup var shapes: InputShapeOptions
    @OptionGroup(title: "Limits") var limits: LimitOptions
    @OptionGroup var output: OutputOptions

    func run() throws {
        let console = Console(output)
        try output.json?.check(against: [model])
        try GeneratedText.check(dot, option: "--dot", against: [model] + output.json.paths)
        let file = try ONNXFile.read(path: StandardStream.input(model), limits: limits.reading)
        let (report, diagram) = try about(model) {
            let source = try shapes.apply(to: file)
            let graph = try Pipeline.canonical().run(source.graph)
            let manifest = Manifest.of(source, canonical: graph)
            let blocks = NetworkBlock.all(in: graph, manifest: manifest)
            var report = ModelReport(
                source, file: model, graph: graph, count: MACCount(graph), blocks: blocks,
                remarks: manifest == nil && !blocks.isEmpty ? try remarks(on: source) : [:])
            report.tensors = tensors.map { TensorTable(source.graph, limit: $0.limit) }
            report.values = values ? ValueTable(source.graph) : nil
            return (report, GraphDiagram(source.graph, blocks: blocks, canonical: graph))
        }
        try GeneratedText.write(diagram.dot, to: dot)
        try console.show(report.text)
        try console.write(json: report)
    }

    /// By scope, the verdict that `convert` would give each block: by default, or if --blocks names it. It
    /// does not depend on the ratio.
    private func remarks(on model: Model) throws -> [String: String] {
        let source = ConversionSource(model)
        func plan(_ blocks: BlockSelection) throws -> MoDPlan? {
            guard let half = ModRatio(reduction: 2) else { return nil }
            let recipe: Recipe =
                source.isUntrained
                ? .paper(PaperRecipe(ratio: half), on: blocks)
                : .calibrated(CalibratedRecipe(.share(half, BlockReduction())), on: blocks)
            return try CanonicalNetwork(source, ConversionRequest(recipe)).plan()
        }
        guard let usual = try plan(.alternate), let most = try plan(.all) else { return [:] }
        let remarks = zip(usual.entries, most.entries).map { usual, most in
            (usual.block.scope, usual.remark(ifNamed: most.verdict))
        }
        return Dictionary(remarks, uniquingKeysWith: { first, _ in first })
    }
}

extension MoDPlan.Entry {
    /// The entry's position, and the verdict that a conversion would give it.
    fileprivate func remark(ifNamed named: Verdict) -> String {
        let text =
            switch (verdict, named) {
            case (.convert, _): "converted by default"
            case (.keep, .convert): "can be converted with --blocks"
            case (.keep, .notEligible): named.text
            default: verdict.text
            }
        return "\(stage).\(index): \(text)"
    }
}

/// The number of tensors to list.
enum TensorCount: ExpressibleByArgument, CustomStringConvertible {
    case largest(Int)
    case all

    static let usual = 20

    init?(argument: String) {
        if argument == "all" {
            self = .all
        } else if let count = Int(argument), count > 0 {
            self = .largest(count)
        } else {
            return nil
        }
    }

    var description: String { limit.map(String.init) ?? "all" }

    /// Nil for all.
    var limit: Int? { if case .largest(let count) = self { count } else { nil } }
}
