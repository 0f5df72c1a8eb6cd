import Foundation
import Testing

/// The built `modconvert`, run as a user runs it.
enum CommandLineTool {
    struct Outcome {
        let status: Int32
        let output: String
        let error: String

        /// The lines on standard error.
        var errorLines: [Substring] { error.split(separator: "\n") }
    }

    /// Runs the tool in a folder and waits for it.
    ///
    /// - Parameters:
    ///   - folder: the working directory, so that names in results do not depend on where the tests run.
    ///   - environment: variables set in addition to the tests' own.
    static func run(
        _ arguments: [String], in folder: TemporaryFolder, environment: [String: String] = [:]
    ) throws -> Outcome {
        // Files, not pipes: a pipe that nobody reads stops the writer when it is full.
        let outputFile = folder.path(".stdout-\(UUID().uuidString)")
        let errorFile = folder.path(".stderr-\(UUID().uuidString)")
        for file in [outputFile, errorFile] {
            _ = FileManager.default.createFile(atPath: file, contents: nil)
        }
        defer { for file in [outputFile, errorFile] { try? FileManager.default.removeItem(atPath: file) } }
        let process = Process()
        process.executableURL = executable
        process.arguments = arguments
        process.currentDirectoryURL = folder.url
        // Help wraps at the terminal's width, which tests must not depend on.
        process.environment = ProcessInfo.processInfo.environment
            .merging(["COLUMNS": "80"]) { $1 }.merging(environment) { $1 }
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = FileHandle(forWritingAtPath: outputFile)
        process.standardError = FileHandle(forWritingAtPath: errorFile)
        try process.run()
        process.waitUntilExit()
        return Outcome(
            status: process.terminationReason == .exit
                ? process.terminationStatus : -process.terminationStatus,
            output: try String(contentsOfFile: outputFile, encoding: .utf8),
            error: try String(contentsOfFile: errorFile, encoding: .utf8))
    }

    /// Runs the tool and expects it to succeed.
    @discardableResult
    static func succeed(
        _ arguments: [String], in folder: TemporaryFolder, sourceLocation: SourceLocation = #_sourceLocation
    ) throws -> String {
        let outcome = try run(arguments, in: folder)
        #expect(outcome.status == 0, "\(arguments): \(outcome.error)", sourceLocation: sourceLocation)
        #expect(outcome.error.isEmpty, "\(arguments)", sourceLocation: sourceLocation)
        return outcome.output
    }

    /// Runs the tool and expects an exit code with exactly one line on standard error.
    @discardableResult
    static func fail(
        _ arguments: [String], _ status: Int32, in folder: TemporaryFolder,
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws -> String {
        let outcome = try run(arguments, in: folder)
        #expect(outcome.status == status, "\(arguments): \(outcome.error)", sourceLocation: sourceLocation)
        #expect(outcome.errorLines.count == 1, "\(outcome.error)", sourceLocation: sourceLocation)
        #expect(outcome.error.hasSuffix("\n"), sourceLocation: sourceLocation)
        return outcome.error
    }

    /// Where the executable lies that was built with the tests: where they lie themselves.
    static let folder = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()

    static let executable = folder.appending(path: "modconvert")
}
