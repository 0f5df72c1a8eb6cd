import Foundation
import FuzzTargets
import Testing

/// Whatever ends a write, the source stays as it was, and a name shows a whole file, an old or the new one.
///
/// The tests may run as root, for whom permissions do not count: folders that cannot be written are missing
/// ones, files in the place of folders, and /proc.
@Suite struct InterruptedWriteTests {
    /// A network whose classifier takes 64 MB, so that writing it takes a while.
    private static let source: [UInt8] = TinyNetwork.changing { graph in
        let classes = 4_000_000
        graph.change(5, where: { $0.fields.contains(.text(8, "fc.w")) }) {
            $0.replace(1, with: [.number(1, Int64(classes)), .number(1, 4)])
            $0.replace(9, with: [.bytes(9, [UInt8](repeating: 1, count: classes * 16))])
        }
        graph.change(5, where: { $0.fields.contains(.text(8, "fc.b")) }) {
            $0.replace(1, with: [.number(1, Int64(classes))])
            $0.replace(9, with: [.bytes(9, [UInt8](repeating: 1, count: classes * 4))])
        }
        graph.replace(12, with: [ModelMessage.value(12, "y", [1, Int64(classes)])])
    }

    private static let arguments = [
        "convert", "source.onnx", "--mod-ratio", "0.5", "--recipe", "paper", "--no-verify", "--force", "-o",
        "output.onnx",
    ]
    private static let old = Data("an older file".utf8)

    @Test func killedWhileWriting() throws {
        let folder = try InterruptedWriteTests.folder()
        let complete = try InterruptedWriteTests.complete(folder)
        var interrupted = 0
        for delay in 0..<4 {
            try InterruptedWriteTests.old.write(to: folder.url.appending(path: "output.onnx"))
            let process = try CommandLineTool.start(
                InterruptedWriteTests.arguments, folder: folder.url, error: .nullDevice)
            while process.isRunning, InterruptedWriteTests.partialBytes(folder) == 0 { usleep(500) }
            usleep(UInt32(delay) * 3_000)
            kill(process.processIdentifier, SIGKILL)
            process.waitUntilExit()
            if process.terminationReason == .uncaughtSignal { interrupted += 1 }
            try InterruptedWriteTests.checkFiles(folder, complete)
        }
        #expect(interrupted > 0, "at least one run was ended in the middle of its writing")
    }

    @Test(arguments: [0, 10, 40, 120, 300]) func killedAnyTime(_ milliseconds: UInt32) throws {
        let folder = try InterruptedWriteTests.folder()
        let complete = try InterruptedWriteTests.complete(folder)
        try InterruptedWriteTests.old.write(to: folder.url.appending(path: "output.onnx"))
        let process = try CommandLineTool.start(
            InterruptedWriteTests.arguments, folder: folder.url, error: .nullDevice)
        usleep(milliseconds * 1000)
        kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
        try InterruptedWriteTests.checkFiles(folder, complete)
    }

    @Test func diskIsFull() throws {
        let folder = try InterruptedWriteTests.folder()
        let limits = CommandLineTool.Limits(fileBlocks: 20_000)
        let outcome = try CommandLineTool.run(
            InterruptedWriteTests.arguments, folder: folder.url, limits: limits, logs: folder)
        #expect(outcome.status == 74, "\(outcome.error)")
        #expect(outcome.errorLines.count == 1 && outcome.error.contains("output.onnx: cannot be written"))
        #expect(folder.names == ["source.onnx"], "nothing is left behind")
    }

    @Test(arguments: [
        "missing/output.onnx", "source.onnx/output.onnx", "/proc/output.onnx", "folder", "/dev/full",
    ])
    func placeCannotBeWritten(_ path: String) throws {
        let folder = try TemporaryFolder()
        try folder.write(Data(TinyNetwork.bytes), "source.onnx")
        try FileManager.default.createDirectory(
            at: folder.url.appending(path: "folder"), withIntermediateDirectories: false)
        let names = folder.names
        let arguments = InterruptedWriteTests.arguments.dropLast() + [path]
        let line = try CommandLineTool.fail(Array(arguments), 73, in: folder)
        #expect(line.contains(path))
        #expect(folder.names == names)
    }

    // MARK: Support

    private static func folder() throws -> TemporaryFolder {
        let folder = try TemporaryFolder()
        try folder.write(Data(source), "source.onnx")
        return folder
    }

    /// The output of an uninterrupted run.
    private static func complete(_ folder: TemporaryFolder) throws -> Data {
        try CommandLineTool.succeed(arguments, in: folder)
        return try folder.contents("output.onnx")
    }

    private static func checkFiles(_ folder: TemporaryFolder, _ complete: Data) throws {
        #expect(try folder.contents("source.onnx") == Data(source), "the source is untouched")
        let output = try folder.contents("output.onnx")
        #expect(output == old || output == complete, "\(output.count) bytes under the final name")
        for name in folder.names where name.hasPrefix(".partial-") {
            try FileManager.default.removeItem(atPath: folder.path(name))
        }
    }

    /// The length of what is being written.
    private static func partialBytes(_ folder: TemporaryFolder) -> Int {
        folder.names.filter { $0.hasPrefix(".partial-") }.reduce(0) { sum, name in
            let attributes = try? FileManager.default.attributesOfItem(atPath: folder.path(name))
            return sum + ((attributes?[.size] as? Int) ?? 0)
        }
    }
}
