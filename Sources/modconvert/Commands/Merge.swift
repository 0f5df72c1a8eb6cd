import ArgumentParser
import Report

/// `modconvert merge`: one evaluation from those of its parts.
struct Merge: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "merge",
        abstract: "Add up evaluations of parts of the images.",
        discussion: """
            Each of several machines runs `modconvert evaluate ... --shard i/n --json FILE`, with the same models, \
            data and options. The table and the JSON of merge are those of one evaluation of all images, to the \
            last digit: what is added are whole numbers.
            """)

    @Argument(
        help: "The JSON files of all parts, in any order.", completion: .file(extensions: ["json"]))
    var parts: [String]

    @OptionGroup var results: OutputOptions

    func validate() throws {
        guard !parts.isEmpty else { throw ValidationError("name the files of all parts") }
    }

    func run() throws {
        let console = Console(results)
        try results.json?.check(against: parts)
        let report = try EvaluationReport(
            merging: parts.map { (path: $0, report: try EvaluationReport.part(path: $0)) })
        try console.show(report.text)
        try console.write(json: report)
    }
}
