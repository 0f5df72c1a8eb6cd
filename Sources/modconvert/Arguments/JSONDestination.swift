import ArgumentParser
import GraphIR
import Report
import Synchronization

/// The destination of JSON results.
enum JSONDestination: ExpressibleByArgument, Equatable, CustomStringConvertible {
    case standardOutput
    case file(String)

    init?(argument: String) {
        guard !argument.isEmpty else { return nil }
        self = argument == "-" ? .standardOutput : .file(argument)
    }

    /// The destination that `--json` names, in arguments that may be wrong otherwise.
    init?(in arguments: [String]) {
        let words = arguments.prefix { $0 != "--" }
        if let word = words.last(where: { $0.hasPrefix("--json=") }) {
            self.init(argument: String(word.dropFirst("--json=".count)))
            return
        }
        guard let index = words.lastIndex(of: "--json") else { return nil }
        let next = words[(index + 1)...].first ?? "-"
        self = next.hasPrefix("-") ? .standardOutput : .file(next)
    }

    var description: String {
        switch self {
        case .standardOutput: "-"
        case .file(let path): path
        }
    }

    /// - Throws: `UsageError` if the results would replace one of the files that the command reads.
    func check(against files: [String]) throws {
        guard case .file(let path) = self, files.contains(path) else { return }
        throw UsageError(
            "--json \(path)", "names a file that this command reads", remedy: "name another file")
    }

    /// Whether this process has written a document.
    private static let isWritten = Mutex(false)

    /// Writes a document.
    func write(document: some JSONDocument) throws {
        var text = try JSONText.encode(document)
        switch self {
        case .standardOutput: try StandardOutput.write(text)
        case .file(let path):
            let file = try AtomicFile(path: path, overwrite: true)
            try text.withUTF8 { try file.write(UnsafeRawBufferPointer($0)) }
            try file.commit()
        }
        JSONDestination.isWritten.withLock { $0 = true }
    }

    /// Writes an error where the results would have been, unless there are results, which say what failed.
    ///
    /// The place may be wrong itself, and name a model: only a new file, or one that holds JSON, is written.
    func write(error: ErrorReport) {
        let brace = UInt8(ascii: "{")
        guard !JSONDestination.isWritten.withLock({ $0 }) else { return }
        if case .file(let path) = self, let bytes = try? MappedFile(path: path).bytes,
            bytes.withUnsafeBytes({ $0.first ?? brace }) != brace
        {
            return
        }
        try? write(document: error)
    }
}

extension JSONDestination? {
    /// The file for the results, if they go to one.
    var paths: [String] {
        if case .file(let path) = self { [path] } else { [] }
    }
}
