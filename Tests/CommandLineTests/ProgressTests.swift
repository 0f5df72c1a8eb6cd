import Foundation
import Testing

/// What a conversion says of itself while it works, as `--progress lines` has it for programs.
@Suite struct ProgressTests {
    private struct Line {
        let title: Substring
        let share: Double
        let step: Substring
    }

    private func lines(_ options: [String]) throws -> [Line] {
        let folder = try TemporaryFolder(fixtures: "torchvision-resnet18")
        let head: [UInt8] = [0, 0, 8, 3, 0, 0, 0, 96, 0, 0, 0, 40, 0, 0, 0, 40]
        try folder.write(Data(head + (0..<(96 * 1600)).map { UInt8($0 * $0 % 251) }), "x-images-idx3-ubyte")
        let outcome = try CommandLineTool.run(
            [
                "torchvision-resnet18.onnx", "out.onnx", "--calibrate", "x-images-idx3-ubyte",
                "--calibrate-samples", "16", "--progress",
                "lines", "-q",
            ] + options, in: folder)
        #expect(outcome.status == 0, "\(outcome.error)")
        return try outcome.errorLines.map { text in
            let fields = text.split(separator: "\t", omittingEmptySubsequences: false)
            try #require(fields.count == 4 && fields[0] == "progress")
            return Line(title: fields[1], share: try #require(Double(fields[2])), step: fields[3])
        }
    }

    @Test(
        "The first lines come before any work on images, and shares only grow",
        arguments: [["--mod-ratio", "0.5"], ["--target-macs", "0.8M"], ["--max-drop", "99%"]])
    func order(_ options: [String]) throws {
        let lines = try lines(options)
        // Before the file is read, before it is planned, and before the first image is: a terminal shows the
        // latest of them a second after its work began.
        #expect(lines.first?.title == "reading torchvision-resnet18.onnx")
        let calibration = try #require(lines.firstIndex { $0.title == "calibrating" })
        #expect(calibration <= 3 && lines[calibration].share == 0 && !lines[calibration].step.isEmpty)
        let shares = lines.filter { $0.title == "calibrating" }.map(\.share)
        #expect(shares.count > 5 && shares == shares.sorted())
        #expect(shares.allSatisfy { (0...1).contains($0) })
        // The remaining time is estimated from the share, so the last steps have to be near its end.
        let last = try #require(shares.last)
        #expect(last > 0.75)
    }
}
