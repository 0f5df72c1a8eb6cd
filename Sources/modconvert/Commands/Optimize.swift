import ArgumentParser
import Comparison
import GraphIR
import ONNXFormat
import Operators
import Passes
import Report

/// `modconvert optimize`: runs the passes alone.
struct Optimize: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "optimize",
        abstract: "Rewrite a model so that it computes the same with fewer nodes.",
        discussion: """
            Inputs and outputs keep their names, types and open extents. The result is compared with the \
            source on seeded inputs, and written only if every output agrees. docs/optimizer.md describes the \
            passes.
            """)

    @Argument(help: "The ONNX file to optimise.", completion: .model)
    var model: String?

    @Argument(
        help: ArgumentHelp("The ONNX file to write, as with -o.", valueName: "output"), completion: .model)
    var destination: String?

    @Option(
        name: .shortAndLong,
        help: ArgumentHelp(
            "The ONNX file to write (default: <name>.optimized.onnx beside the source).", valueName: "file"),
        completion: .model)
    var output: String?

    @Flag(help: "List the passes in the order in which they run, and do nothing else.")
    var listPasses = false

    @Option(
        help: ArgumentHelp("Leave these passes out; names separated by commas.", valueName: "passes"))
    var skip: PassNames?

    @Option(help: ArgumentHelp("Run these passes only; names separated by commas.", valueName: "passes"))
    var only: PassNames?

    @Option(
        help: ArgumentHelp(
            "Bytes by which folding one node may make the model grow; 0 folds what makes it no larger.",
            valueName: "bytes"))
    var growthLimit = Pipeline.defaultGrowthLimit

    @OptionGroup var shapes: InputShapeOptions

    @Option(help: ArgumentHelp("Seeded inputs that the check runs; 0 makes no check.", valueName: "n"))
    var check = 1

    @OptionGroup var checkShapes: CheckShapeOptions

    @Option(
        help:
            "What an output may differ by, relative to its largest magnitude (default: 1e-5; 5e-3 for float16 outputs)."
    )
    var tolerance: Double?

    @Option(help: "Seed of the check's inputs.")
    var seed: UInt64 = 0

    @OptionGroup var writing: ModelOutputOptions
    @OptionGroup var threads: ThreadOptions
    @OptionGroup var page: ReportOptions
    @OptionGroup(title: "Limits") var limits: LimitOptions
    @OptionGroup var results: OutputOptions

    func validate() throws {
        if destination != nil, output != nil {
            throw ValidationError("the output is named twice, as an argument and by --output")
        }
        if model == nil, !listPasses { throw ValidationError("add the ONNX file to optimise") }
        if skip != nil, only != nil { throw ValidationError("--skip and --only exclude each other") }
        guard (0...10_000).contains(check) else {
            throw ValidationError("--check takes a number from 0 to 10000")
        }
        guard tolerance ?? 0 >= 0 else { throw ValidationError("--tolerance cannot be negative") }
        guard growthLimit >= 0 else { throw ValidationError("--growth-limit cannot be negative") }
        _ = try pipeline
    }

    func run() throws {
        let writesToStandardOutput = target(of: model ?? "") == StandardStream.name
        let console = Console(results, textToError: writesToStandardOutput)
        guard let model, !listPasses else {
            let report = PassListReport(try pipeline)
            try console.show(report.text)
            return try console.write(json: report)
        }
        let target = target(of: model)
        try results.json?.check(against: [model, target])
        try page.check(against: [model, target] + results.json.paths)
        try ModelOutputOptions.checkSeparate(target, from: model, results.json)
        try writing.check(target)
        let input = try StandardStream.input(model)
        let file = try console.step("reading \(model)") {
            try ONNXFile.read(path: input, limits: limits.reading)
        }
        let sourceBytes = try MappedFile(path: input).bytes.count
        let source = try about(model) { try shapes.apply(to: file) }
        let result = try about(model) {
            try console.step("optimising \(model)") { try pipeline.runRecording(source.graph) }
        }
        let equivalence = try compare(source.graph, result, model, console)
        let optimized = source.replacingGraph(result.graph)
        let writtenBytes = try console.step("writing \(target)") {
            try writing.write(optimized, to: target, madeFrom: source)
        }
        let report = OptimizationReport(
            source: model, output: target,
            before: try totals(ShapeInference.infer(source.graph), fileBytes: sourceBytes),
            after: try totals(result.graph, fileBytes: writtenBytes),
            result: result, check: equivalence, notes: notes(file, source, optimized, result, equivalence))
        try console.show(report.text)
        try console.write(json: report)
        try page.write(report.page(command: CommandWords.current))
    }

    private func target(of model: String) -> String {
        if let named = destination ?? output { return named }
        return model == StandardStream.name ? model : model.addingBeforeExtension(".optimized")
    }

    private func totals(_ graph: Graph, fileBytes: Int) throws -> OptimizationReport.Totals {
        OptimizationReport.Totals(
            graph, canonical: try Pipeline.canonical().run(graph), fileBytes: fileBytes)
    }

    /// The passes that the options leave in.
    private var pipeline: Pipeline {
        get throws {
            let all = Pipeline.optimize(growthLimit: growthLimit)
            let known = Set(all.passes.map(\.name))
            for name in (skip ?? only)?.names ?? [] where !known.contains(name) {
                throw ValidationError("there is no pass \"\(name)\"; --list-passes lists them")
            }
            let (skipped, kept) = (Set(skip?.names ?? []), only.map { Set($0.names) })
            return all.filtered { !skipped.contains($0.name) && kept?.contains($0.name) ?? true }
        }
    }

    /// Compares the outputs; throws if one differs.
    ///
    /// - Returns: nil if no check was requested, or if the source cannot be checked but did not change.
    private func compare(
        _ source: Graph, _ result: PipelineResult, _ model: String, _ console: Console
    ) throws -> Equivalence? {
        guard check > 0 else { return nil }
        let equivalence = try about(model) {
            let shapes = try checkShapes.shapes(for: source)
            return try console.step("checking \(model)") { () -> Equivalence? in
                do {
                    return try Equivalence(
                        of: source, and: result.graph, samples: check, shapes: shapes, seed: seed,
                        tolerance: tolerance, threads: threads.count, limits: limits.running)
                } catch EquivalenceError.notRunnable where result.changes.isEmpty {
                    return nil
                }
            }
        }
        if let failure = equivalence?.failure {
            let difference =
                "relative difference \(Quantity.error(failure.relative)), "
                + "tolerance \(Quantity.error(failure.tolerance))"
            throw CheckFailure(
                file: model, place: "output \"\(failure.name)\"",
                "differs from the source's: \(failure.problem ?? difference); nothing is written: "
                    + "`modconvert compare` shows where a result of --check 0 parts from the source")
        }
        return equivalence
    }

    /// The notes that a user should read about the result, one sentence each.
    private func notes(
        _ file: Model, _ source: Model, _ optimized: Model, _ result: PipelineResult, _ made: Equivalence?
    ) -> [String] {
        var notes: [String] = []
        for (before, after) in zip(file.graph.inputs, source.graph.inputs) {
            let (old, new) = (file.graph[before], source.graph[after])
            if let type = old.signatureType?.tensor, let fixed = new.signatureType?.tensor, type != fixed {
                notes.append("input \"\(new.name)\" is fixed: \(type) becomes \(fixed)")
            }
        }
        let defaulted = source.graph.inputs.count - optimized.graph.inputs.count
        if defaulted > 0 {
            notes.append("\(defaulted) inputs with a default are constants now; callers cannot override them")
        }
        if optimized.irVersion > source.irVersion {
            notes.append("IR version raised from \(source.irVersion) to \(optimized.irVersion)")
        }
        let left = result.graph.constantComputations.count
        if left > 0 {
            notes.append(
                "\(left) nodes compute constants and stay: folding one would add more than "
                    + "\(Quantity.bytes(growthLimit)) (--growth-limit), or its pass was left out")
        }
        if !source.trainingInfo.isEmpty {
            notes.append("training information is left out: it is about the graph as it was")
        }
        if check > 0, made == nil {
            notes.append("no check was made: the source cannot be run, and nothing was changed")
        }
        if !result.isFixedPoint { notes.append("the passes did not come to rest; another run may find more") }
        return notes
    }
}

/// Names of passes such as `fold-pad,sum-to-add`.
struct PassNames: ExpressibleByArgument {
    let names: [String]

    init?(argument: String) {
        names = argument.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
        guard names.allSatisfy({ !$0.isEmpty }) else { return nil }
    }
}
