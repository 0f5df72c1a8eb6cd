import Foundation
import GraphIR
import TensorFiles
import Testing

@Suite struct IDXTests {
    /// Two images of 2x3 bytes.
    private static let images: [UInt8] =
        [0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 2, 0, 0, 0, 3] + Array(0..<12)

    /// The same compressed with `gzip -n`.
    private static let compressed: [UInt8] = [
        0x1f, 0x8b, 0x08, 0x00, 0x00, 0x00, 0x00, 0x00, 0x02, 0xff, 0x63, 0x60, 0xe0, 0x60, 0x66, 0x60, 0x60,
        0x60, 0x82, 0x62, 0x66, 0x06, 0x46, 0x26, 0x66, 0x16, 0x56, 0x36, 0x76, 0x0e, 0x4e, 0x2e, 0x6e, 0x00,
        0x78, 0x1e, 0x23, 0x84, 0x1c, 0x00, 0x00, 0x00,
    ]

    private func read(_ bytes: [UInt8], _ name: String = "images-idx3-ubyte") throws -> Tensor {
        let folder = try TemporaryFolder()
        let path = "\(folder.path)/\(name)"
        try Data(bytes).write(to: URL(filePath: path))
        return try IDXFile.read(path: path)
    }

    @Test func plainImages() throws {
        let tensor = try read(Self.images)
        #expect(tensor.shape == [2, 2, 3])
        #expect(tensor.integers == Array(0..<12))
    }

    @Test func compressedImages() throws {
        #expect(try read(Self.compressed, "images-idx3-ubyte.gz") == read(Self.images))
    }

    @Test func names() {
        #expect(IDXFile.isIDX("a/train-images-idx3-ubyte.gz"))
        #expect(IDXFile.isIDX("t10k-labels-idx1-ubyte"))
        #expect(!IDXFile.isIDX("images.npy") && !IDXFile.isIDX("archive.gz"))
    }

    @Test(
        "Damaged files are refused",
        arguments: [
            [], [0, 0, 8], [1, 0, 8, 1, 0, 0, 0, 1, 5], [0, 0, 8, 0],
            [0, 0, 8, 9] + [UInt8](repeating: 0, count: 36),
            [0, 0, 13, 1, 0, 0, 0, 1, 0, 0, 0, 0], [0, 0, 8, 1, 0, 0, 0, 5, 1, 2],
            [0, 0, 8, 1, 0, 0, 0, 1, 1, 2], [0, 0, 8, 3] + [UInt8](repeating: 255, count: 12),
        ] as [[UInt8]])
    func damaged(_ bytes: [UInt8]) { #expect(throws: TensorFileError.self) { try read(bytes) } }

    @Test func missing() {
        #expect(throws: FileError.self) { try IDXFile.read(path: "/nonexistent/x-idx1-ubyte") }
    }
}
