import ArgumentParser
import Calibration
import GraphIR
import ONNXFormat
import Report
import Runtime
import TensorFiles
import Verification

/// `modconvert run`: shows, writes or checks a model's outputs.
struct Run: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run",
        abstract: "Run a model on tensors or images, or compare it with its test data.",
        discussion: """
            Tensors are read and written as .npy, .npz or .pb (ONNX TensorProto), images read as .png or \
            .jpg; all images for one input, and those of a folder, make one batch. With --test-data the \
            outputs must be within --atol + --rtol * |expected|, or the exit code is 1.
            """)

    @Argument(help: "The ONNX file.", completion: .model)
    var model: String

    @Option(
        help: ArgumentHelp(
            "A tensor or image for the next input, or for the one that is named; may be repeated.",
            valueName: "[name=]file"), completion: .tensorOrImage)
    var input: [String] = []

    @Option(
        help:
            "Makes up the inputs that --input does not give: random (normal numbers, by --seed), zeros, ones or arange (0, 1, 2, ...)."
    )
    var fill: InputFill?

    @Option(help: "Seed of --fill random.")
    var seed: UInt64 = 0

    @Option(
        name: .shortAndLong, help: ArgumentHelp("Write the outputs to a file.", valueName: "file"),
        completion: .tensor)
    var output: String?

    @Option(help: ArgumentHelp("Write the inputs to a file.", valueName: "file"), completion: .tensor)
    var saveInputs: String?

    @Option(
        parsing: .upToNextOption,
        help: ArgumentHelp(
            "Write inner values to a .npz file: all, or those of the names, as in --dump all values.npz.",
            valueName: "all|name,...> <file"), completion: .file(extensions: ["npz"]))
    var dump: [String] = []

    @Option(help: ArgumentHelp("The classes' names, one a line.", valueName: "file"), completion: .file())
    var labels: String?

    @Option(
        help: ArgumentHelp(
            "A folder of test_data_set_N folders, or one such folder of input_M.pb and output_M.pb.",
            valueName: "folder"), completion: .directory)
    var testData: String?

    @Option(help: "Relative tolerance of --test-data (default: 1e-3; 1e-2 for float16 outputs).")
    var rtol: Double?

    @Option(help: "Absolute tolerance of --test-data (default: 1e-5; 5e-3 for float16 outputs).")
    var atol: Double?

    @Flag(help: "Replace files that exist.")
    var force = false

    @OptionGroup var routing: RoutingOptions
    @OptionGroup var shapes: InputShapeOptions
    @OptionGroup(title: "Images") var images: ImageOptions
    @OptionGroup var threads: ThreadOptions
    @OptionGroup(title: "Limits") var limits: LimitOptions
    @OptionGroup var results: OutputOptions

    func validate() throws {
        let makesInputs = !input.isEmpty || fill != nil
        if testData == nil, !makesInputs {
            throw ValidationError("add --input FILE, --fill random or --test-data FOLDER")
        }
        if testData != nil,
            makesInputs || output != nil || saveInputs != nil || !dump.isEmpty || routing.routing != nil
        {
            throw ValidationError(
                "--test-data excludes --input, --fill, --output, --save-inputs, --dump and --routing")
        }
        guard dump.isEmpty || dump.count == 2 else {
            throw ValidationError("--dump takes two values: all or names, and a .npz file")
        }
        guard rtol ?? 0 >= 0, atol ?? 0 >= 0 else { throw ValidationError("tolerances cannot be negative") }
    }

    func run() throws {
        let console = Console(results)
        try results.json?.check(against: [model])
        let file = try ONNXFile.read(path: StandardStream.input(model), limits: limits.reading)
        let loaded = try about(model) { try shapes.apply(to: file) }
        let graph = loaded.graph
        if let testData { return try compare(graph, testData, console) }
        let labels = try self.labels.map(ClassLabels.init(path:))
        let read = try TensorInputs.read(input, for: graph, preprocess: images.preprocessing)
        let inputs = try about(model) { try filled(read.tensors, for: graph) }
        let taps = try taps(graph)
        try routing.check(against: [model] + self.results.json.paths)
        let subject = try about(model) { try routing.subject(of: loaded) }
        for path in [output, saveInputs, dump.last] {
            if let path { _ = try AtomicFile(path: path, overwrite: force) }
        }
        let results = try about(model) {
            try console.step("running \(model)") {
                try Session(
                    graph,
                    options: SessionOptions(
                        threads: threads.count, taps: taps, limits: limits.running)
                ).run(inputs)
            }
        }
        let outputs = Array(results.prefix(graph.outputs.count))
        if let labels, let path = self.labels { try labels.check(against: outputs, path: path) }
        let named = graph.inputs.compactMap { id in
            inputs[graph[id].name].map { (name: graph[id].name, tensor: $0) }
        }
        try write(outputs, to: output)
        try write(named, to: saveInputs)
        try write(Array(results.dropFirst(graph.outputs.count)), to: dump.last)
        let report = RunReport(
            outputs, inputs: named.map(RunReport.Input.init), preprocessing: read.preprocessing?.description,
            labels: labels?.names, samples: read.images)
        try console.show(report.text)
        try console.write(json: report)
        if let subject { try writeRouting(subject, inputs, labels?.names, console) }
    }

    private func writeRouting(
        _ subject: RoutingSubject, _ inputs: [String: Tensor], _ names: [String]?, _ console: Console
    ) throws {
        var statistics = subject.statistics
        try about(model) {
            let session = try Session(
                subject.graph,
                options: SessionOptions(
                    threads: threads.count, taps: statistics.taps, limits: limits.running))
            try statistics.add(try session.run(inputs), labels: nil)
        }
        let data = input.isEmpty ? "made-up inputs" : input.joined(separator: ", ")
        let report = RoutingReport(
            model: model, data: data, hasLabels: false, names: names, statistics)
        try console.show("\n" + report.text)
        try routing.write(report)
    }

    /// The inputs, completed by those that `--fill` generates.
    private func filled(_ given: [String: Tensor], for graph: Graph) throws -> [String: Tensor] {
        guard let fill else { return given }
        let batch = given.min { $0.key < $1.key }?.value.shape.first ?? 1
        return try SeededInputs.tensors(
            for: graph, batch: batch, seed: seed, index: 0, fill: fill, given: given)
    }

    /// The names of the values to dump, in the graph's order for `all`.
    private func taps(_ graph: Graph) throws -> [String] {
        guard let names = dump.first else { return [] }
        guard dump.last.map(TensorFile.holdsMany) == true else {
            throw UsageError(
                "--dump \(dump.joined(separator: " "))", "writes .npz files only",
                remedy: "name a file such as values.npz")
        }
        if names == "all" {
            return graph.nodes.flatMap(\.outputs).compactMap { $0.map { graph[$0].name } }
        }
        // A name may contain commas itself.
        return graph.value(named: names) == nil ? names.split(separator: ",").map(String.init) : [names]
    }

    private func write(_ tensors: [(name: String, tensor: Tensor)], to path: String?) throws {
        guard let path else { return }
        let named = tensors.map { NamedTensor(name: $0.name, tensor: $0.tensor) }
        try TensorFile.write(named, to: path, overwrite: force)
    }

    /// Runs every data set and compares.
    private func compare(_ graph: Graph, _ folder: String, _ console: Console) throws {
        let session = try about(model) {
            try Session(graph, options: SessionOptions(threads: threads.count, limits: limits.running))
        }
        let inputNames = graph.requiredInputs.map { graph[$0].name }
        let outputNames = graph.outputs.map { graph[$0].name }
        var rows: [ComparisonReport.Row] = []
        for path in try TestDataSet.find(in: folder) {
            let data = try TestDataSet(path: path)
            let expected = try data.outputs(named: outputNames)
            guard !expected.isEmpty else {
                throw TensorFileError(
                    .testData, file: path, "holds no outputs to compare with", remedy: "add output_0.pb")
            }
            let inputs = try data.inputs(named: inputNames)
            let outputs = try about(model) {
                try console.step("running \(path)") { try session.run(inputs) }
            }
            let found = Dictionary(
                outputs.map { ($0.name, $0.tensor) }, uniquingKeysWith: { first, _ in first })
            for (name, tensor) in expected {
                guard let output = found[name] else { continue }
                rows.append(
                    ComparisonReport.Row(dataSet: path, output: name, closeness(output, tensor)))
            }
        }
        let report = ComparisonReport(rows)
        try console.show(report.text(console.style))
        try console.write(json: report)
        if let failure = report.failure {
            throw CheckFailure(file: model, place: failure.place, failure.problem)
        }
    }

    /// Half precision has 11 bits, and rounds after every operation.
    private func closeness(_ output: Tensor, _ expected: Tensor) -> Closeness {
        let isHalf = expected.elementType == .float16
        return Closeness(
            output, expected: expected,
            tolerance: Closeness.Tolerance(
                relative: rtol ?? (isHalf ? 1e-2 : 1e-3), absolute: atol ?? (isHalf ? 5e-3 : 1e-5)))
    }
}
