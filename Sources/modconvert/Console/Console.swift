import FoundationEssentials
import GraphIR
import Report

/// Where a command's results go, as its options ask.
struct Console {
    private let options: OutputOptions

    init(_ options: OutputOptions) { self.options = options }

    /// Whether what is printed has colours: as `--color` says, else where it goes to a terminal, unless the
    /// environment's `NO_COLOR` (no-color.org) or `TERM` speaks against it.
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
        try StandardOutput.write(text)
    }

    /// Prints what only `--verbose` asks for.
    func detail(_ text: String) throws {
        if options.verbose { try show(text) }
    }

    /// Writes the result for machines, if it is asked for.
    func write(json report: some Encodable) throws {
        switch options.json {
        case nil: return
        case .standardOutput: try StandardOutput.write(try JSONText.encode(report))
        case .file(let path):
            var text = try JSONText.encode(report)
            let file = try AtomicFile(path: path, overwrite: true)
            try text.withUTF8 { try file.write(UnsafeRawBufferPointer($0)) }
            try file.commit()
        }
    }

    /// Does the work of a step; where standard error is a terminal, a line says so if it takes a while.
    func step<Result>(_ title: String, _ work: () throws -> Result) rethrows -> Result {
        guard showsProgress else { return try work() }
        let progress = ProgressLine(title)
        defer { progress.end() }
        return try work()
    }

    /// Whether lines about work in progress are wanted, and somebody is there to read them.
    var showsProgress: Bool { !options.quiet && StandardError.isTerminal }
}
