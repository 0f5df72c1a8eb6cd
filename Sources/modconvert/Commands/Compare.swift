import ArgumentParser
import Comparison
import GraphIR
import ONNXFormat
import Operators
import Report
import TensorFiles
import Verification

/// `modconvert compare`: where two computations of a model diverge.
struct Compare: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "compare",
        abstract: "Find the first value in which two models diverge.",
        discussion: """
            Runs both on the same inputs and compares every value that both compute: of one name, or matched by \
            structure. With --reference, the values are those that another runtime has computed; \
            examples/dump_onnxruntime.py writes such a file, inputs included. The exit code is 1 if a value \
            diverges.
            """)

    @Argument(help: "The ONNX file whose values are judged.", completion: .model)
    var left: String

    @Argument(help: "The ONNX file that it is compared with.", completion: .model)
    var right: String?

    @Option(
        help: ArgumentHelp(
            "A .npz file of values by name, instead of a second model.", valueName: "file"),
        completion: .file(extensions: ["npz"]))
    var reference: String?

    @Option(
        help: ArgumentHelp(
            "A tensor or image for the next input, or for the one that is named, instead of a seeded one; may be repeated.",
            valueName: "[name=]file"), completion: .tensorOrImage)
    var input: [String] = []

    @Option(help: "Seed of the inputs.")
    var seed: UInt64 = 0

    @Option(
        help:
            "What a value may differ by, relative to its largest magnitude (default: 1e-4; 1e-2 for float16 values)."
    )
    var tolerance: Double?

    @Option(
        help: ArgumentHelp(
            "Megabytes of values that are held at one time; more values are compared in several runs.",
            valueName: "MB"))
    var window = 256

    @OptionGroup(title: "Images") var images: ImageOptions
    @OptionGroup var shapes: InputShapeOptions
    @OptionGroup var threads: ThreadOptions
    @OptionGroup(title: "Limits") var limits: LimitOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
        guard (right == nil) != (reference == nil) else {
            throw ValidationError("name a second ONNX file, or --reference FILE")
        }
        guard tolerance ?? 0 >= 0 else { throw ValidationError("--tolerance cannot be negative") }
        guard (1...1_000_000).contains(window) else {
            throw ValidationError("--window takes a number from 1 to 1000000")
        }
    }

    func run() throws {
        let console = Console(output)
        let other = right ?? reference ?? ""
        try output.json?.check(against: [left, other])
        let graph = try read(left)
        let search = try right.map { try self.search(graph, against: $0) } ?? recorded(graph, other)
        let result = try about(left) {
            try console.step("comparing \(left) and \(other)") { try search.run() }
        }
        let report = DivergenceReport(result, left: left, right: other)
        try console.show(report.text(detailed: output.verbose, console.style))
        try console.write(json: report)
        if let failure = report.failure {
            throw CheckFailure(file: left, place: failure.place, failure.problem)
        }
    }

    private var options: DivergenceSearch.Options {
        DivergenceSearch.Options(tolerance: tolerance, windowBytes: window * 1_000_000)
    }

    private func read(_ path: String) throws -> Graph {
        let model = try ONNXFile.read(path: path, limits: limits.reading)
        return try about(path) { try ShapeInference.infer(try shapes.apply(to: model).graph) }
    }

    private func search(_ graph: Graph, against path: String) throws -> DivergenceSearch {
        let other = try read(path)
        try checkInputs(of: other, path, against: graph)
        let inputs = try inputs(of: graph, recorded: [:])
        return DivergenceSearch(
            running(graph, inputs), running(other, renamed(inputs, from: graph, to: other)),
            pairs: ValuePairs.matching(graph, other), options: options)
    }

    private func running(_ graph: Graph, _ inputs: [String: Tensor]) -> RunningModel {
        RunningModel(graph, inputs: inputs, threads: threads.count, limits: limits.running)
    }

    /// Refuses a second model that does not take the first one's inputs.
    private func checkInputs(of other: Graph, _ path: String, against graph: Graph) throws {
        let (mine, theirs) = (graph.requiredInputs, other.requiredInputs)
        guard mine.count == theirs.count else {
            throw InputMismatch(path, "has \(theirs.count) inputs, \(left) has \(mine.count)")
        }
        let isNamedAlike = Set(mine.map { graph[$0].name }) == Set(theirs.map { other[$0].name })
        for (index, id) in mine.enumerated() {
            let name = graph[id].name
            let twin = isNamedAlike ? other.value(named: name)?.id : theirs[index]
            guard let twin, let type = graph[id].tensorType, let otherType = other[twin].tensorType,
                type.merged(with: otherType) == nil
            else { continue }
            throw InputMismatch(
                path, "takes \(otherType) as input \"\(other[twin].name)\", \(left) takes \(type)")
        }
    }

    /// The inputs under the other model's names: matched by name if it has the same names, else by position.
    private func renamed(
        _ inputs: [String: Tensor], from graph: Graph, to other: Graph
    ) -> [String: Tensor] {
        func names(_ graph: Graph) -> [String] {
            graph.requiredInputs.map { graph[$0].name }
        }
        let (mine, theirs) = (names(graph), names(other))
        guard mine.count == theirs.count, Set(mine) != Set(theirs) else { return inputs }
        return Dictionary(
            zip(mine, theirs).compactMap { name, twin in inputs[name].map { (twin, $0) } },
            uniquingKeysWith: { first, _ in first })
    }

    private func recorded(_ graph: Graph, _ path: String) throws -> DivergenceSearch {
        let tensors = Dictionary(
            try TensorFile.read(path: path).compactMap { entry in entry.name.map { ($0, entry.tensor) } },
            uniquingKeysWith: { first, _ in first })
        let values = RecordedValues(tensors)
        return DivergenceSearch(
            running(graph, try inputs(of: graph, recorded: tensors)), values,
            pairs: ValuePairs.matching(graph, values), options: options)
    }

    /// The given inputs, else the recorded ones, else seeded ones.
    private func inputs(of graph: Graph, recorded: [String: Tensor]) throws -> [String: Tensor] {
        if !input.isEmpty {
            return try TensorInputs.read(input, for: graph, preprocess: images.preprocessing).tensors
        }
        let names = graph.requiredInputs.map { graph[$0].name }
        let known = recorded.filter { names.contains($0.key) }
        guard known.count < names.count else { return known }
        guard known.isEmpty, recorded.isEmpty else {
            let missing = names.filter { known[$0] == nil }.joined(separator: ", ")
            throw UsageError(
                "--reference \(reference ?? "")", "holds no tensor for input \(missing)",
                remedy: "add --input FILE")
        }
        return try about(left) {
            try SeededInputs.tensors(for: graph, batch: 1, seed: seed, index: 0)
        }
    }
}

/// A second model that takes other inputs than the first.
private struct InputMismatch: DiagnosableError {
    let diagnostic: Diagnostic

    init(_ file: String, _ problem: String) {
        diagnostic = Diagnostic(
            .badData, file: file, problem: problem,
            remedy: "compare models of the same inputs, or fix open ones with --input-shape")
    }
}
