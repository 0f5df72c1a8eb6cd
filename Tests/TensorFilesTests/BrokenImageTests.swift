import Foundation
import GraphIR
import Testing

@testable import TensorFiles

@Suite("Broken images")
struct BrokenImageTests {
    private static func bytes(_ file: String) throws -> [UInt8] {
        try [UInt8](Data(contentsOf: URL(filePath: ImageTests.folder + "/" + file)))
    }

    @Test(
        "An image that is cut off anywhere is refused",
        arguments: ["grey.png", "alpha.png", "palette.png", "rgb.jpg", "progressive.jpg", "grey.jpg"])
    func truncated(file: String) throws {
        let bytes = try BrokenImageTests.bytes(file)
        // The end marker of a JPEG, and the last chunk of a PNG, may be missing without loss of pixels.
        for count in stride(from: 0, to: bytes.count - 16, by: 37) {
            #expect(throws: TensorFileError.self) {
                try RGBImage(parsing: ByteRegion(Array(bytes[..<count])))
            }
        }
    }

    @Test(
        "Flipped bits give an error or an image, never a trap",
        arguments: ["black-and-white.png", "palette.png", "grey-16.png", "rgb.jpg", "progressive.jpg"])
    func flipped(file: String) throws {
        let bytes = try BrokenImageTests.bytes(file)
        var random = SplitMix(seed: 11)
        for _ in 0..<300 {
            var copy = bytes
            for _ in 0...Int.random(in: 0..<3, using: &random) {
                copy[Int.random(in: 0..<min(400, copy.count), using: &random)] ^=
                    1 << UInt8.random(in: 0..<8, using: &random)
            }
            guard let image = try? RGBImage(parsing: ByteRegion(copy)) else { continue }
            #expect(image.pixels.count == image.width * image.height * 3)
        }
    }

    @Test(
        "What is no image that can be read is refused in words",
        arguments: [
            ("refused-kind.gif", "is neither a PNG nor a JPEG file; convert it to one of them"),
            ("refused-cmyk.jpg", "is a JPEG image in CMYK colours; convert it to RGB"),
        ])
    func refused(file: String, problem: String) {
        let path = ImageTests.folder + "/" + file
        let error = #expect(throws: TensorFileError.self) { try RGBImage(path: path) }
        #expect(error?.description == "\(path): \(problem)")
    }

    @Test("A small file that claims many pixels is refused before they are decoded")
    func large() throws {
        var bytes = try BrokenImageTests.bytes("rgb.jpg")
        // The frame header: marker, length, precision, height, width.
        let frame = try #require(
            bytes.indices.first { $0 + 8 < bytes.count && bytes[$0] == 0xFF && bytes[$0 + 1] == 0xC0 })
        for index in 5...8 { bytes[frame + index] = 0xF0 }
        let error = #expect(throws: TensorFileError.self) { try RGBImage(parsing: ByteRegion(bytes)) }
        #expect(error?.kind == .limit)
        let line = try #require(RGBImage(width: 5000, height: 1, pixels: [UInt8](repeating: 9, count: 15000)))
        #expect(throws: TensorFileError.self) { try line.resized(shortSide: 256) }
        #expect(throws: TensorFileError.self) { try line.resized(shortSide: .max) }
        #expect(throws: TensorFileError.self) { try line.resized(width: 0, height: 5) }
    }
}
