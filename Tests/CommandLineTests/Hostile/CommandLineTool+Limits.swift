import Foundation

extension CommandLineTool {
    /// The limits of a run of the tool. The system ends a run that takes more processor time, and refuses it
    /// more memory or a longer file.
    struct Limits {
        var seconds = 60
        /// In KiB.
        var memory: Int?
        /// The length of the longest file that can be written, in blocks of 512 bytes: a full disk.
        var fileBlocks: Int?

        fileprivate var commands: String {
            (["ulimit -t \(seconds)"] + (memory.map { ["ulimit -v \($0)"] } ?? [])
                + (fileBlocks.map { ["ulimit -f \($0)"] } ?? [])).joined(separator: "; ")
        }
    }

    /// Starts the tool in a folder, within limits.
    ///
    static func start(
        _ arguments: [String], folder: URL, _ limits: Limits = Limits(), error: FileHandle
    ) throws -> Process {
        let process = Process()
        process.executableURL = URL(filePath: "/bin/sh")
        // A write beyond the longest length is an error to the tool, and not its end: SIGXFSZ is ignored.
        process.arguments =
            ["-c", "trap '' XFSZ; \(limits.commands); exec \"$0\" \"$@\"", executable.path] + arguments
        process.currentDirectoryURL = folder
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = FileHandle.nullDevice
        process.standardError = error
        try process.run()
        return process
    }

    /// Runs the tool in a folder, within limits, and waits for it. Its standard output is dropped.
    static func run(
        _ arguments: [String], folder: URL, limits: Limits, logs: TemporaryFolder
    ) throws -> Outcome {
        let file = logs.path(".stderr-\(UUID().uuidString)")
        _ = FileManager.default.createFile(atPath: file, contents: nil)
        guard let handle = FileHandle(forWritingAtPath: file) else { throw CocoaError(.fileWriteUnknown) }
        let process = try start(arguments, folder: folder, limits, error: handle)
        process.waitUntilExit()
        return Outcome(
            status: process.terminationReason == .exit
                ? process.terminationStatus : -process.terminationStatus,
            output: "", error: String(decoding: try Data(contentsOf: URL(filePath: file)), as: UTF8.self))
    }
}
