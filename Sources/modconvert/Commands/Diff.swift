import ArgumentParser
import GraphDiff
import GraphIR
import ONNXFormat
import Operators
import Report

/// `modconvert diff`: two graphs side by side.
struct Diff: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "diff",
        abstract: "Show what two models differ in.",
        discussion: """
            Nodes are matched by the names of their outputs first and by structure second: what they read, with \
            what constants. A ~ marks a node that both have but not alike, - one that only the left model has, + \
            one that only the right model has. Names of inner values are no difference. The exit code is 1 if \
            the models differ.
            """)

    @Argument(help: "The left ONNX file.", completion: .model)
    var left: String

    @Argument(help: "The right ONNX file.", completion: .model)
    var right: String

    @Option(help: "What a floating-point constant may differ by, relative to its largest magnitude.")
    var tolerance = 0.0

    @OptionGroup(title: "Limits") var limits: LimitOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
        guard tolerance >= 0 else { throw ValidationError("--tolerance cannot be negative") }
    }

    func run() throws {
        let console = Console(output)
        try output.json?.check(against: [left, right])
        let (mine, theirs) = (try read(left), try read(right))
        let report = console.step("comparing \(left) and \(right)") {
            DiffReport(ModelDiff(mine, theirs, tolerance: tolerance), left: left, right: right)
        }
        try console.show(report.text(detailed: output.verbose, console.style))
        try console.write(json: report)
        guard report.equal else { throw CheckFailure(file: right, "differs from \(left): \(report.summary)") }
    }

    /// The model with the shapes of all its values, even if its file does not list them.
    private func read(_ path: String) throws -> Model {
        var model = try ONNXFile.read(path: path, limits: limits.reading)
        model.graph = try about(path) { try ShapeInference.infer(model.graph) }
        return model
    }
}
