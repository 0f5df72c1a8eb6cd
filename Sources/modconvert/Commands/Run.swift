import ArgumentParser
import GraphIR
import ONNXFormat
import Report
import Runtime
import TensorFiles
import Verification

/// `modconvert run`: a model's outputs, shown, written, or compared with what is expected.
struct Run: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run",
        abstract: "Run a model on tensors, or compare it with its test data.",
        discussion: """
            Tensors are read and written as .npy, .npz or .pb (ONNX TensorProto). With --test-data the \
            outputs must be within --atol + --rtol * |expected|, or the exit code is 1.
            """)

    @Argument(help: "The ONNX file.")
    var model: String

    @Option(
        help: ArgumentHelp(
            "A tensor for the next input, or for the one that is named; may be repeated.",
            valueName: "[name=]file"))
    var input: [String] = []

    @Option(name: .shortAndLong, help: ArgumentHelp("Write the outputs to a file.", valueName: "file"))
    var output: String?

    @Option(
        help: ArgumentHelp(
            "A folder of test_data_set_N folders, or one such folder of input_M.pb and output_M.pb.",
            valueName: "folder"))
    var testData: String?

    @Option(help: "Relative tolerance of --test-data (default: 1e-3; 1e-2 for float16 outputs).")
    var rtol: Double?

    @Option(help: "Absolute tolerance of --test-data (default: 1e-5; 5e-3 for float16 outputs).")
    var atol: Double?

    @Flag(help: "Replace the output file if it exists.")
    var force = false

    @OptionGroup var threads: ThreadOptions
    @OptionGroup var results: OutputOptions

    func validate() throws {
        if testData == nil, input.isEmpty { throw ValidationError("add --input FILE or --test-data FOLDER") }
        if testData != nil, !input.isEmpty || output != nil {
            throw ValidationError("--test-data excludes --input and --output")
        }
        guard rtol ?? 0 >= 0, atol ?? 0 >= 0 else { throw ValidationError("tolerances cannot be negative") }
    }

    func run() throws {
        let console = Console(results)
        try results.json?.check(against: [model])
        let graph = try ONNXFile.read(path: model).graph
        if let testData { return try compare(graph, testData, console) }
        let inputs = try TensorInputs.read(input, for: graph)
        if let output { _ = try AtomicFile(path: output, overwrite: force) }
        let outputs = try about(model) {
            try console.step("running \(model)") {
                try Session(graph, options: SessionOptions(threads: threads.count)).run(inputs)
            }
        }
        if let output {
            let tensors = outputs.map { NamedTensor(name: $0.name, tensor: $0.tensor) }
            try TensorFile.write(tensors, to: output, overwrite: force)
        }
        let report = RunReport(outputs)
        try console.show(report.text)
        try console.write(json: report)
    }

    /// Runs every data set and compares.
    private func compare(_ graph: Graph, _ folder: String, _ console: Console) throws {
        let session = try about(model) {
            try Session(graph, options: SessionOptions(threads: threads.count))
        }
        let inputNames = graph.inputs.filter { graph[$0].initializer == nil }.map { graph[$0].name }
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
            for (name, tensor) in expected {
                guard let output = outputs.first(where: { $0.name == name }) else { continue }
                rows.append(
                    ComparisonReport.Row(dataSet: path, output: name, closeness(output.tensor, tensor)))
            }
        }
        let report = ComparisonReport(rows)
        try console.show(report.text)
        try console.write(json: report)
        if let failure = report.failure {
            throw CheckFailure(file: model, place: failure.place, failure.problem)
        }
    }

    /// Half precision carries 11 bits, and rounds after every operation.
    private func closeness(_ output: Tensor, _ expected: Tensor) -> Closeness {
        let isHalf = expected.elementType == .float16
        return Closeness(
            output, expected: expected,
            tolerance: Closeness.Tolerance(
                relative: rtol ?? (isHalf ? 1e-2 : 1e-3), absolute: atol ?? (isHalf ? 5e-3 : 1e-5)))
    }
}
