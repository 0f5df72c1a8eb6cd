import Foundation
import TestSupport
import Testing

@Suite struct RunInputTests {
    private static let images = Fixtures.images

    private func folder(_ fixture: String, images: String...) throws -> TemporaryFolder {
        let folder = try TemporaryFolder(fixtures: fixture)
        for image in images {
            try folder.write(Data(contentsOf: RunInputTests.images.appending(path: image)), image)
        }
        return folder
    }

    @Test("Images become a batch; classes have names, word for word")
    func images() throws {
        let folder = try folder("torchvision-resnet50", images: "rgb.png", "progressive.jpg")
        let labels = ["tench", "goldfish", "great white shark", "tiger shark", "hammerhead"]
        try folder.write(Data((labels + labels).joined(separator: "\n").utf8), "labels.txt")
        let text = try CommandLineTool.succeed(
            [
                "run", "torchvision-resnet50.onnx", "--input", "rgb.png", "--input", "progressive.jpg",
                "--labels", "labels.txt",
            ], in: folder)
        try expectSnapshot(text, "run-images")
    }

    @Test("An image gives the outputs that its recorded input gives")
    func recordedInput() throws {
        let folder = try folder("torchvision-opset17", images: "rgb.png")
        let base = ["run", "torchvision-opset17.onnx"]
        try CommandLineTool.succeed(
            base + ["--input", "rgb.png", "--save-inputs", "x.pb", "-o", "y.pb", "-q"], in: folder)
        try FileManager.default.createDirectory(
            atPath: folder.path("data"), withIntermediateDirectories: true)
        try folder.write(folder.contents("x.pb"), "data/input_0.pb")
        try folder.write(folder.contents("y.pb"), "data/output_0.pb")
        try CommandLineTool.succeed(
            base + ["--test-data", "data", "--rtol", "0", "--atol", "0", "-q"], in: folder)
    }

    @Test("A folder of images is one batch, in the order of their names")
    func folderOfImages() throws {
        let folder = try folder("torchvision-opset17", images: "rgb.png", "grey.jpg")
        try FileManager.default.createDirectory(
            atPath: folder.path("photos"), withIntermediateDirectories: true)
        for name in ["rgb.png", "grey.jpg"] {
            try folder.write(folder.contents(name), "photos/\(name)")
        }
        let base = ["run", "torchvision-opset17.onnx", "-q"]
        try CommandLineTool.succeed(base + ["--input", "photos", "-o", "a.npy"], in: folder)
        try CommandLineTool.succeed(
            base + ["--input", "grey.jpg", "--input", "input=rgb.png", "-o", "b.npy"], in: folder)
        #expect(try folder.contents("a.npy") == folder.contents("b.npy"))
    }

    @Test("Inputs are made up: by a seed, zeros, ones, or counted; word for word")
    func fills() throws {
        let folder = try TemporaryFolder(fixtures: "keras3-resnet50")
        let base = ["run", "keras3-resnet50.onnx"]
        var texts: [String] = []
        for fill in ["random", "zeros", "ones", "arange"] {
            let arguments = base + ["--fill", fill, "--save-inputs", "\(fill).npy"]
            texts.append("--fill \(fill)\n" + (try CommandLineTool.succeed(arguments, in: folder)))
        }
        try expectSnapshot(texts.joined(separator: "\n"), "run-fill")
        for seed in ["0", "1"] {
            try CommandLineTool.succeed(
                base + ["--fill", "random", "--seed", seed, "--save-inputs", "seed-\(seed).npy", "-q"],
                in: folder)
        }
        #expect(try folder.contents("seed-0.npy") == folder.contents("random.npy"))
        #expect(try folder.contents("seed-1.npy") != folder.contents("random.npy"))
    }

    @Test("Open extents are fixed for inputs that are made up, and for images")
    func shapes() throws {
        let folder = try folder("torchvision-symbolic-size", images: "rgb.png")
        let base = ["run", "torchvision-symbolic-size.onnx", "--input-shape", "2x3x40x56", "--json"]
        let filled = try CommandLineTool.succeed(base + ["--fill", "random"], in: folder)
        let shape = "\"shape\":[2,3,40,56]"
        #expect(filled.filter { !$0.isWhitespace }.contains(shape))
        let images = try CommandLineTool.succeed(
            base + ["--input", "rgb.png", "--input", "rgb.png"], in: folder)
        #expect(images.filter { !$0.isWhitespace }.contains(shape) && images.contains("crop 40x56"))
    }

    @Test("Inner values are dumped: all of them, or by name")
    func dump() throws {
        let folder = try TemporaryFolder(fixtures: "cifar-option-b")
        let base = ["run", "cifar-option-b.onnx", "--fill", "random"]
        try CommandLineTool.succeed(
            base + ["--dump", "all", "all.npz", "-o", "out.npz", "-q"], in: folder)
        let report = try CommandLineTool.succeed(["inspect", "cifar-option-b.onnx", "--json"], in: folder)
        let nodes = try #require(report.firstMatch(of: /"node_count" : (\d+)/)).1
        let names = try RunInputTests.entries(folder.contents("all.npz"))
        #expect(names.count == Int(nodes))
        let two = Array(names.prefix(2)).map { String($0.dropLast(".npy".count)) }
        try CommandLineTool.succeed(
            base + ["--dump", two.joined(separator: ","), "two.npz", "-q"], in: folder)
        #expect(try RunInputTests.entries(folder.contents("two.npz")) == Array(names.prefix(2)))
    }

    /// The names in a .zip file's local headers.
    private static func entries(_ archive: Data) -> [String] {
        let bytes = [UInt8](archive)
        return bytes.indices.dropLast(30).compactMap { start in
            guard Array(bytes[start..<(start + 4)]) == [0x50, 0x4B, 3, 4] else { return nil }
            let length = Int(bytes[start + 26]) + Int(bytes[start + 27]) << 8
            guard start + 30 + length <= bytes.count else { return nil }
            return String(decoding: bytes[(start + 30)..<(start + 30 + length)], as: UTF8.self)
        }
    }

    @Test("Every error is one line, word for word")
    func errors() throws {
        let folder = try folder(
            "torchvision-symbolic-size", images: "rgb.png", "refused-cmyk.jpg", "grey.jpg")
        try folder.write(try folder.contents("rgb.png").prefix(900), "cut.png")
        try folder.write(Data("a\nb\n".utf8), "labels.txt")
        try folder.write(Data(), "empty.jpg")
        let image = ["--input", "rgb.png", "--size", "32"]
        let cases: [(Int32, [String])] = [
            (64, []),
            (64, ["--input", "rgb.png", "--test-data", "data"]),
            (64, image + ["--dump", "all"]),
            (64, image + ["--dump", "all", "values.npy"]),
            (64, image + ["--dump", "nothing", "values.npz"]),
            (64, image + ["--labels", "labels.txt"]),
            (64, image + ["--mean", "1,x"]),
            (64, image + ["--std", "0"]),
            (64, image + ["--mean", "1,2"]),
            (64, ["--input", "rgb.png", "--size", "0"]),
            (64, ["--input", "rgb.png", "--size", "32", "--resize", "31"]),
            (64, ["--input", "other=rgb.png"]),
            (64, ["--fill", "noise"]),
            (65, ["--fill", "random"]),
            (64, ["--fill", "random", "--input-shape", "other=1x3x8x8"]),
            (65, ["--input", "cut.png"]),
            (65, ["--input", "empty.jpg"]),
            (65, ["--input", "refused-cmyk.jpg"]),
            (66, ["--input", "missing.jpg"]),
            (66, image + ["--labels", "missing.txt"]),
            (73, image + ["--save-inputs", "labels.txt"]),
        ]
        let before = folder.names
        let lines = try cases.map { status, arguments in
            let line = try CommandLineTool.fail(
                ["run", "torchvision-symbolic-size.onnx"] + arguments, status, in: folder)
            return "\(arguments.joined(separator: " "))\n  \(status): \(line)"
        }
        try expectSnapshot(lines.joined(), "run-errors")
        #expect(folder.names == before, "no command that fails leaves a file")
    }
}
