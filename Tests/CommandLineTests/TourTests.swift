import Foundation
import TestSupport
import Testing

/// docs/commands.md shows commands with what they print; each is run here, and must print it still.
@Suite struct TourTests {
    private static let page = Fixtures.models.appending(path: "../../docs/commands.md").standardized

    @Test("Every command of docs/commands.md prints what the page shows")
    func commands() throws {
        let text = try String(contentsOf: TourTests.page, encoding: .utf8)
        let folder = try TourTests.folder()
        var isConsole = false
        var lines: [String] = []
        var expected: [String] = []
        var actual: [String]?
        /// Ends the output of a command, or does nothing.
        func finish() {
            guard let found = actual else { return }
            #expect(
                expected.joined(separator: "\n").maskingMeasurements
                    == found.joined(separator: "\n").maskingMeasurements)
            lines += found
            (actual, expected) = (nil, [])
        }
        for line in text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init) {
            let isFence = line.hasPrefix("```")
            if isFence || (isConsole && line.hasPrefix("$ ")) { finish() }
            if isFence { isConsole = line == "```console" }
            guard isConsole, !isFence else {
                lines.append(line)
                continue
            }
            if line.hasPrefix("$ ") {
                lines.append(line)
                actual = try TourTests.output(String(line.dropFirst(2)), in: folder)
            } else {
                expected.append(line)
            }
        }
        guard ProcessInfo.processInfo.environment["MODCONVERT_RECORD_SNAPSHOTS"] == "1" else { return }
        try lines.joined(separator: "\n").write(to: TourTests.page, atomically: true, encoding: .utf8)
    }

    /// The files that the page starts with.
    private static func folder() throws -> TemporaryFolder {
        let folder = try TemporaryFolder()
        let root = Fixtures.models.appending(path: "..").standardized
        for (source, name) in [
            ("models/torchvision-resnet50/model.onnx", "resnet50.onnx"),
            ("models/keras3-resnet50/model.onnx", "keras.onnx"),
            ("models/caffe2-bottleneck/model.onnx", "caffe2.onnx"), ("images/rgb.jpg", "photo.jpg"),
            ("trained/fashion-basic.onnx", "fashion.onnx"),
            ("images/fashion/test-images-idx3-ubyte", "test-images-idx3-ubyte"),
            ("images/fashion/test-labels-idx1-ubyte", "test-labels-idx1-ubyte"),
        ] {
            try folder.write(Data(contentsOf: root.appending(path: source)), name)
        }
        return folder
    }

    /// The lines that a command writes, errors included.
    private static func output(_ command: String, in folder: TemporaryFolder) throws -> [String] {
        let process = Process()
        process.executableURL = URL(filePath: "/bin/sh")
        process.arguments = ["-c", "{ \(command); } 2>&1"]
        process.currentDirectoryURL = folder.url
        var environment = ProcessInfo.processInfo.environment
        environment["PATH"] =
            CommandLineTool.folder.path + ":" + (environment["PATH"] ?? "/usr/bin:/bin")
        environment["COLUMNS"] = "80"
        process.environment = environment
        process.standardInput = FileHandle.nullDevice
        let pipe = Pipe()
        process.standardOutput = pipe
        try process.run()
        let data = try pipe.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        var lines = String(decoding: data, as: UTF8.self)
            .split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        if lines.last == "" { lines.removeLast() }
        return lines
    }
}
