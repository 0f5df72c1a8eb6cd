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
        options.progress = .auto
        return options
    }

    @Option(
        help: ArgumentHelp(
            "How progress is shown: auto does on a terminal; lines writes progress<tab>title<tab>share<tab>step to standard error.",
            visibility: .hidden))
    var progress = ProgressMode.auto

    func validate() throws {
        if quiet && verbose { throw ValidationError("--quiet and --verbose exclude each other") }
    }
}

/// How progress is shown.
enum ProgressMode: String, ExpressibleByArgument, CaseIterable {
    case auto, never, lines
}

/// When to colour verdicts.
enum ColorMode: String, ExpressibleByArgument, CaseIterable {
    case auto, always, never
}
