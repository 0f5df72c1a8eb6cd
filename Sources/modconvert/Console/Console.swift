import FoundationEssentials
import GraphIR
import Report

/// Sends a command's results where its options say.
struct Console {
    private let options: OutputOptions
    /// Whether standard output belongs to a model, so that text goes to standard error.
    private let textToError: Bool

    init(_ options: OutputOptions, textToError: Bool = false) {
        self.options = options
        self.textToError = textToError
    }

    /// Whether printed text has colours: as `--color` says, else if it goes to a terminal and neither
    /// `NO_COLOR` (no-color.org) nor `TERM` forbids it.
    var style: TextStyle {
        switch options.color {
        case .always: return .coloured
        case .never: return .plain
        case .auto:
            let environment = ProcessInfo.processInfo.environment
            let isUnwanted =
                environment["NO_COLOR"].map { !$0.isEmpty } ?? false || environment["TERM"] == "dumb"
            return StandardOutput.isTerminal && !isUnwanted ? .coloured : .plain
        }
    }

    /// Prints a result for people.
    func show(_ text: String) throws {
        guard !options.quiet, options.json != .standardOutput else { return }
        if textToError { StandardError.write(text) } else { try StandardOutput.write(text) }
    }

    /// Prints text that only `--verbose` shows.
    func detail(_ text: String) throws {
        if options.verbose { try show(text) }
    }

    /// Writes the result as JSON, if the user asked for it.
    func write(json report: some JSONDocument) throws {
        try options.json?.write(document: report)
    }

    /// Does the work of a step. If standard error is a terminal and the step takes a while, a line says so.
    @discardableResult
    func step<Result>(_ title: String, _ work: () throws -> Result) rethrows -> Result {
        if options.progress == .lines { ProgressReport.writeLine(title, 0, "") }
        guard showsProgress else { return try work() }
        let progress = ProgressLine(title)
        defer { progress.end() }
        return try work()
    }

    /// Whether lines about work in progress are wanted, and standard error is a terminal.
    var showsProgress: Bool { progress == .auto && !options.quiet && StandardError.isTerminal }

    /// How progress is shown.
    var progress: ProgressMode { options.progress }
}
