import ArgumentParser

/// The output of every subcommand, and its destination.
struct OutputOptions: ParsableArguments {
    @Flag(name: .shortAndLong, help: "Print errors only.")
    var quiet = false

    @Flag(name: .shortAndLong, help: "Print more of what was done.")
    var verbose = false

    @Option(
        defaultAsFlag: .standardOutput,
        help: ArgumentHelp(
            "Write the results as JSON to a file; - or no value writes them to standard output, without the tables.",
            valueName: "file"), completion: .file(extensions: ["json"]))
    var json: JSONDestination?

    @Option(
        help: ArgumentHelp(
            "Colour verdicts: auto does on a terminal, unless NO_COLOR is set.", visibility: .hidden))
    var color = ColorMode.auto

    /// The options of a command that prints nothing.
    static var silent: OutputOptions {
        var options = OutputOptions()
        options.quiet = true
        options.verbose = false
        options.json = nil
        options.color = .never
        return options
    }

    func validate() throws {
        if quiet && verbose { throw ValidationError("--quiet and --verbose exclude each other") }
    }
}

/// When to colour verdicts.
enum ColorMode: String, ExpressibleByArgument, CaseIterable {
    case auto, always, never
}

/// The destination of JSON results.
enum JSONDestination: ExpressibleByArgument, Equatable, CustomStringConvertible {
    case standardOutput
    case file(String)

    init?(argument: String) {
        guard !argument.isEmpty else { return nil }
        self = argument == "-" ? .standardOutput : .file(argument)
    }

    var description: String {
        switch self {
        case .standardOutput: "-"
        case .file(let path): path
        }
    }

    /// - Throws: `UsageError` if the results would replace one of the command's models.
    func check(against models: [String]) throws {
        guard case .file(let path) = self, models.contains(path) else { return }
        throw UsageError("--json \(path)", "names a model of this command", remedy: "name another file")
    }
}

extension JSONDestination? {
    /// The file for the results, if they go to one.
    var paths: [String] {
        if case .file(let path) = self { [path] } else { [] }
    }
}
