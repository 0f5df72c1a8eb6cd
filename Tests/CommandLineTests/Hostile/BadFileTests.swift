import Foundation
import Testing

/// Every broken or hostile file is refused with exactly one line and exit code 65 or 66, or answered: within
/// bounded time and memory, without a signal, and without anything left behind.
@Suite struct BadFileTests {
    /// Seconds of processor time and KiB of memory that one command may take, far above what any takes. A
    /// command that takes more is ended by a signal, which is a failure.
    private static let (seconds, memory) = (60, 6 << 20)

    @Test func thereAreEnough() {
        let names = Set(BadFile.all.map { "\($0.category): \($0.name)" })
        #expect(names.count == BadFile.all.count, "every file has a name of its own")
        #expect(BadFile.all.count >= 400)
        print("\(BadFile.all.count) broken and hostile files")
    }

    /// The file from which the broken ones are made is valid.
    @Test func theNetworkConverts() throws {
        let folder = try TemporaryFolder()
        try folder.write(Data(TinyNetwork.bytes), "model.onnx")
        let text = try CommandLineTool.succeed(
            ["convert", "model.onnx", "--mod-ratio", "0.5", "--recipe", "paper", "-o", "output.onnx"],
            in: folder)
        #expect(text.contains("layer1.0") && folder.exists("output.onnx"))
    }

    @Test func nonFiniteWeightsAreReported() throws {
        let folder = try TemporaryFolder()
        let bytes = TinyNetwork.changing(initializer: "layer1.0.w1") {
            $0.replace(9, with: [.bytes(9, [0, 0, 0xC0, 0x7F] + [UInt8](repeating: 0, count: 572))])
        }
        try folder.write(Data(bytes), "model.onnx")
        let text = try CommandLineTool.succeed(
            [
                "convert", "model.onnx", "--mod-ratio", "0.5", "--recipe", "paper", "--no-verify", "-o",
                "output.onnx",
            ], in: folder)
        #expect(
            text.unwrapped.contains("1 of the weights hold NaN or infinite numbers, the first is layer1.0.w1")
        )
    }

    @Test(
        arguments: [
            ["run", "model.onnx", "--fill", "random"], ["bench", "model.onnx", "--runs", "1"],
            ["profile", "model.onnx", "--runs", "1"], ["evaluate", "model.onnx", "--data", "grey.idx"],
            ["compare", "model.onnx", "model.onnx"], ["optimize", "model.onnx", "-o", "output.onnx"],
        ], [["--max-nodes", "10"], ["--max-memory", "4K"], ["--max-operations", "1"]])
    func limitsCanBeSet(_ command: [String], _ limit: [String]) throws {
        let folder = try TemporaryFolder()
        try folder.write(Data(TinyNetwork.bytes), "model.onnx")
        let image: [UInt8] = [0, 0, 8, 3, 0, 0, 0, 1, 0, 0, 0, 6, 0, 0, 0, 6]
        try folder.write(Data(image + [UInt8](repeating: 9, count: 36)), "grey.idx")
        let line = try CommandLineTool.fail(command + limit, 65, in: folder)
        #expect(line.contains(limit[0]), "the line names the flag: \(line)")
    }

    @Test(arguments: Array(Set(BadFile.all.map(\.category))).sorted())
    func areHandled(_ category: String) throws {
        for file in BadFile.all where file.category == category { try check(file) }
    }

    private func check(_ file: BadFile) throws {
        let parent = try TemporaryFolder()
        let folder = parent.url.appending(path: "folder")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: false)
        try file.place(folder)
        let before = names(in: folder)
        let limits = CommandLineTool.Limits(seconds: BadFileTests.seconds, memory: BadFileTests.memory)
        let outcome = try CommandLineTool.run(file.arguments, folder: folder, limits: limits, logs: parent)
        let comment = Comment(
            rawValue: "\(file.category): \(file.name): \(outcome.status) \(outcome.error.prefix(500))")
        #expect(file.expectation.allows(outcome.status), comment)
        #expect(outcome.errorLines.count == (outcome.status == 0 ? 0 : 1), comment)
        #expect(
            !outcome.error.unicodeScalars.dropLast().contains { $0.properties.generalCategory == .control },
            comment)
        let left = names(in: folder).subtracting(before)
        #expect(left.isSubset(of: outcome.status == 0 ? ["output.onnx", "output.npz"] : []), comment)
        #expect(outcome.error.unicodeScalars.dropLast().count <= 300, comment)
    }

    private func names(in folder: URL) -> Set<String> {
        Set((try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? [])
    }
}

extension BadFile.Expectation {
    fileprivate func allows(_ status: Int32) -> Bool {
        switch self {
        case .refused: [65, 66].contains(status)
        case .refusedOrFailed: [1, 65, 66].contains(status)
        case .handledOrFailed: [0, 1, 65, 66].contains(status)
        case .handled: [0, 65, 66].contains(status)
        case .answered: status == 0
        }
    }
}
