import ArgumentParser
import GraphIR

/// A page for people, in addition to the command's output.
struct ReportOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Write a self-contained HTML page: the command, costs before and after, verification.",
            valueName: "file"), completion: .file(extensions: ["html"]))
    var report: String?

    /// - Throws: `UsageError` if the page would replace another file of the command; `FileError` if it
    ///   cannot be created.
    func check(against files: [String]) throws {
        try GeneratedText.check(report, option: "--report", against: files)
    }

    /// Writes the page, if the user asked for it.
    func write(_ page: @autoclosure () throws -> String) throws {
        try GeneratedText.write(page(), to: report)
    }
}

/// Text files that a command generates besides its results, and may overwrite.
enum GeneratedText {
    /// - Throws: `UsageError` if the file would replace another one of the command; `FileError` if it cannot
    ///   be created.
    static func check(_ path: String?, option: String, against files: [String]) throws {
        guard let path else { return }
        guard !files.contains(path) else {
            throw UsageError(
                "\(option) \(path)", "names another file of this command", remedy: "name another file")
        }
        _ = try AtomicFile(path: path, overwrite: true)
    }

    /// Writes the text, if there is a file for it.
    static func write(_ text: @autoclosure () throws -> String, to path: String?) throws {
        guard let path else { return }
        var text = try text()
        let file = try AtomicFile(path: path, overwrite: true)
        try text.withUTF8 { try file.write(UnsafeRawBufferPointer($0)) }
        try file.commit()
    }
}

/// The words of the running command, beginning with the program's name without its folder.
enum CommandWords {
    static var current: [String] {
        ["modconvert"] + CommandLine.arguments.dropFirst()
    }
}
