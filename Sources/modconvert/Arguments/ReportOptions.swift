import ArgumentParser
import GraphIR

/// A page for people, beside what the command prints.
struct ReportOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Write a self-contained HTML page: the command, costs before and after, verification.",
            valueName: "file"))
    var report: String?

    /// - Throws: `UsageError` if the page would replace another file of the command; `FileError` if it
    ///   cannot be created.
    func check(against files: [String]) throws {
        guard let report else { return }
        guard !files.contains(report) else {
            throw UsageError(
                "--report \(report)", "names another file of this command", remedy: "name another file")
        }
        _ = try AtomicFile(path: report, overwrite: true)
    }

    /// Writes the page, if it is asked for.
    func write(_ page: @autoclosure () throws -> String) throws {
        guard let report else { return }
        var text = try page()
        let file = try AtomicFile(path: report, overwrite: true)
        try text.withUTF8 { try file.write(UnsafeRawBufferPointer($0)) }
        try file.commit()
    }
}

/// The words of the running command, the program's name first and without its folder.
enum CommandWords {
    static var current: [String] {
        ["modconvert"] + CommandLine.arguments.dropFirst()
    }
}
