import Foundation
import TestSupport

/// A Python with PyTorch and onnx2torch, if the machine has one: `MODCONVERT_PYTHON`, or `python3`.
enum PythonTool {
    static let name = ProcessInfo.processInfo.environment["MODCONVERT_PYTHON"] ?? "python3"

    /// Why tests that need it are skipped, for those who read the tests' output.
    static let missing: String? = {
        guard let outcome = try? run(["-c", "import torch, onnx2torch, onnx"]), outcome.status == 0 else {
            return "\(name) has no torch and onnx2torch: set MODCONVERT_PYTHON to one that has"
        }
        return nil
    }()

    static func script(_ name: String) -> String {
        Repository.path("Tests/CommandLineTests/Scripts/\(name)")
    }

    /// Runs Python in a folder and waits for it; `output` holds both of its streams.
    static func run(
        _ arguments: [String], in folder: URL = FileManager.default.temporaryDirectory
    ) throws -> (status: Int32, output: String) {
        let file = FileManager.default.temporaryDirectory.appending(path: "python-\(UUID().uuidString)")
        _ = FileManager.default.createFile(atPath: file.path, contents: nil)
        defer { try? FileManager.default.removeItem(at: file) }
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = [name] + arguments
        process.currentDirectoryURL = folder
        let handle = FileHandle(forWritingAtPath: file.path)
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = handle
        process.standardError = handle
        try process.run()
        process.waitUntilExit()
        return (process.terminationStatus, try String(contentsOf: file, encoding: .utf8))
    }
}
