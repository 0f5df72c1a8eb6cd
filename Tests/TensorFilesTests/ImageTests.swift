import Foundation
import GraphIR
import Testing

@testable import TensorFiles

@Suite("Images")
struct ImageTests {
    static let folder = String(#filePath.split(separator: "/Tests/").first ?? ".") + "/fixtures/images"

    /// Recorded with Pillow; see fixtures/images/README.md.
    static let pixels = table("pixels.npz")
    static let inputs = table("inputs.npz")

    private static func table(_ file: String) -> [String: Tensor] {
        let entries = (try? TensorFile.read(path: folder + "/" + file)) ?? []
        return Dictionary(entries.map { ($0.name ?? "", $0.tensor) }, uniquingKeysWith: { first, _ in first })
    }

    @Test("Every file gives the pixels that Pillow decodes", arguments: pixels.keys.sorted())
    func decoding(file: String) throws {
        let expected = try #require(ImageTests.pixels[file])
        let image = try RGBImage(path: ImageTests.folder + "/" + file)
        #expect([image.height, image.width, 3] == expected.shape)
        #expect(try image.pixels == expected.elements(of: UInt8.self))
    }

    @Test("All recorded files are there")
    func recorded() {
        #expect(ImageTests.pixels.count == 12)
        #expect(ImageTests.inputs.count == 4)
    }

    private static let preprocessings: [String: ImagePreprocessing.Options] = [
        "imagenet-1x3x32x32": .init(),
        "imagenet-1x3x90x60": .init(),
        "caffe-1x28x28x3": .init(normalization: .caffe),
        "none-1x1x33x20": .init(normalization: .none),
    ]

    @Test("Inputs are those that Pillow and NumPy make", arguments: preprocessings.keys.sorted())
    func preprocessing(name: String) throws {
        let expected = try #require(ImageTests.inputs[name])
        let options = try #require(ImageTests.preprocessings[name])
        let preprocessing = try ImagePreprocessing(
            for: TensorType(.float32, expected.shape), options: options)
        let tensor = try preprocessing.tensor(paths: [ImageTests.folder + "/rgb.png"])
        #expect(tensor.shape == expected.shape)
        // The pixels are equal; the recorded normalisation rounds to fp32 after each of its steps, by an
        // ulp of its operands: of up to 255, or of up to 1, which is then divided by 0.225.
        let tolerance = options.normalization.scale == 1 ? Float(255).ulp : Float(1).ulp / 0.225
        let (values, references) = (try #require(tensor.floats), try #require(expected.floats))
        #expect(zip(values, references).allSatisfy { abs($0 - $1) <= tolerance })
    }

    @Test("A batch holds its images in order")
    func batch() throws {
        let preprocessing = try ImagePreprocessing(
            for: TensorType(.float16, Shape([.symbol("N"), 3, 32, 32])))
        let files = ["rgb.png", "grey.jpg"].map { ImageTests.folder + "/" + $0 }
        let both = try preprocessing.tensor(paths: files)
        #expect(both.type == TensorType(.float16, [2, 3, 32, 32]))
        for (index, file) in files.enumerated() {
            #expect(try preprocessing.tensor(paths: [file]) == both.selecting([index], axis: 0))
        }
    }

    @Test("Bytes go in as they are, without a normalisation")
    func bytes() throws {
        let type = TensorType(.uint8, [1, 50, 75, 3])
        let preprocessing = try ImagePreprocessing(
            for: type, options: .init(normalization: .none, shortSide: 75))
        let image = try RGBImage(path: ImageTests.folder + "/rgb.png")
        #expect(
            try preprocessing.tensor([image]).elements(of: UInt8.self) == preprocessing.fitted(image).pixels)
        #expect(throws: TensorFileError.self) { try ImagePreprocessing(for: type) }
    }

    @Test("The input's shape decides what is not said")
    func defaults() throws {
        func decided(_ shape: Shape, _ options: ImagePreprocessing.Options = .init()) throws -> String {
            "\(try ImagePreprocessing(for: TensorType(.float32, shape), options: options))"
        }
        let imagenet = "RGB, (pixel / 255 - (0.485, 0.456, 0.406)) / (0.229, 0.224, 0.225)"
        let open: [Dim] = [.symbol("N"), 3, .symbol("H"), .symbol("W")]
        #expect(
            try decided(Shape([1, 3, 224, 224])) == "shorter side 256, crop 224x224, NCHW, \(imagenet)")
        #expect(try decided(Shape(open)) == "shorter side 256, crop 224x224, NCHW, \(imagenet)")
        #expect(
            try decided(Shape(open), .init(size: .init(height: 64, width: 96)))
                == "shorter side 109, crop 64x96, NCHW, \(imagenet)")
        #expect(
            try decided(Shape([.unknown, 299, 299, 3]), .init(normalization: .caffe))
                == "shorter side 341, crop 299x299, NHWC, BGR, pixel - (103.939, 116.779, 123.68)")
        #expect(
            try decided(Shape([1, 1, 28, 28]), .init(normalization: .none, shortSide: 28))
                == "shorter side 28, crop 28x28, NCHW, grey, RGB, pixel")
    }

    @Test(
        "What does not go together is refused",
        arguments: [
            (Shape([1, 3, 224]), ImagePreprocessing.Options()),
            (Shape([1, 64, 56, 56]), .init()),
            (Shape([1, 3, 32, 32]), .init(layout: .nhwc)),
            (Shape([1, 3, 32, 32]), .init(size: .init(height: 64, width: 64))),
            (Shape([1, 3, 32, 32]), .init(shortSide: 31)),
            (Shape([1, 1, 28, 28]), .init()),
            (Shape([1, 3, .symbol("H"), 32]), .init(size: .init(height: 0, width: 32))),
            (Shape([1, 3, 1 << 40, 1 << 40]), .init()),
            (
                Shape([1, 3, 8, 8]),
                .init(normalization: .init(order: .rgb, scale: 1, mean: [0], deviation: [0]))
            ),
            (
                Shape([1, 3, 8, 8]),
                .init(normalization: .init(order: .rgb, scale: .nan, mean: [0], deviation: [1]))
            ),
        ])
    func refused(shape: Shape, options: ImagePreprocessing.Options) {
        #expect(throws: TensorFileError.self) {
            try ImagePreprocessing(for: TensorType(.float32, shape), options: options)
        }
    }

    @Test("A folder's images are listed by name, those of its folders by class")
    func folders() throws {
        let folder = try TemporaryFolder()
        func copy(_ names: [String]) throws {
            for name in names {
                let target = folder.path + "/" + name
                try FileManager.default.createDirectory(
                    at: URL(filePath: target).deletingLastPathComponent(), withIntermediateDirectories: true)
                try FileManager.default.copyItem(atPath: ImageTests.folder + "/grey.png", toPath: target)
            }
        }
        #expect(throws: TensorFileError.self) { try ImageFolder(path: folder.path) }
        try copy(["dog/2.png", "dog/10.PNG", "cat/a.png", "cat/.hidden.png", "cat/notes.txt", "empty/x.txt"])
        let labelled = try ImageFolder(path: folder.path)
        #expect(labelled.classes == ["cat", "dog"])
        #expect(labelled.entries.map(\.label) == [0, 1, 1])
        #expect(
            labelled.entries.map(\.path)
                == ["cat/a.png", "dog/10.PNG", "dog/2.png"].map { folder.path + "/" + $0 })
        let plain = try ImageFolder(path: folder.path + "/dog")
        #expect(plain.classes.isEmpty && plain.entries.map(\.label) == [nil, nil])
        #expect(throws: FileError.self) { try ImageFolder(path: folder.path + "/none") }
    }
}
