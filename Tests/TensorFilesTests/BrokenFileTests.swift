import Foundation
import GraphIR
import ONNXFormat
import Testing

@testable import TensorFiles

@Suite("Broken tensor files")
struct BrokenFileTests {
    private static let folder =
        String(#filePath.split(separator: "/Tests/").first ?? ".") + "/fixtures/tensors"

    private static func bytes(_ file: String) throws -> [UInt8] {
        try [UInt8](Data(contentsOf: URL(filePath: folder + "/" + file)))
    }

    /// Parses by the file's kind; the result and the kind of error do not matter, only that there is one.
    private static func parse(_ bytes: [UInt8], as file: String) throws -> [Tensor] {
        file.hasSuffix(".npz")
            ? try NumPyArchive.parse(ByteRegion(bytes)).map(\.tensor)
            : [try NumPyFile.parse(ByteRegion(bytes))]
    }

    @Test(
        "A file that is cut off anywhere is refused",
        arguments: ["f4.npy", "fortran-big-endian.npy", "version2.npy", "stored.npz", "deflated.npz"])
    func truncated(file: String) throws {
        let bytes = try BrokenFileTests.bytes(file)
        for count in bytes.indices {
            #expect(throws: TensorFileError.self) {
                try BrokenFileTests.parse(Array(bytes[..<count]), as: file)
            }
        }
    }

    @Test(
        "Flipped bits give an error or a tensor, never a trap",
        arguments: ["f4.npy", "fortran-big-endian.npy", "version3.npy", "stored.npz", "deflated.npz"])
    func flipped(file: String) throws {
        let bytes = try BrokenFileTests.bytes(file)
        var random = SplitMix(seed: 7)
        for _ in 0..<2000 {
            var copy = bytes
            for _ in 0...Int.random(in: 0..<3, using: &random) {
                copy[Int.random(in: copy.indices, using: &random)] ^=
                    1 << UInt8.random(in: 0..<8, using: &random)
            }
            do {
                for tensor in try BrokenFileTests.parse(copy, as: file) {
                    #expect(tensor.elementType.byteCount(of: tensor.elementCount) == tensor.bytes.count)
                }
            } catch is TensorFileError {}
        }
    }

    @Test(
        "Headers that claim what is not there are refused",
        arguments: [
            "{'descr': '<f4', 'fortran_order': False, 'shape': (1000000000000,), }",
            "{'descr': '<f4', 'fortran_order': False, 'shape': (4294967296, 4294967296), }",
            "{'descr': '<f4', 'fortran_order': True, 'shape': (9223372036854775807, 2), }",
            "{'descr': '<f4', 'fortran_order': False, 'shape': (-1,), }",
            "{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999999999999,), }",
            "{'descr': '<f4', 'fortran_order': False, 'shape': (1,), 'shape': (1,), }",
            "{'descr': '<f4', 'shape': (1,), }", "{'descr': '<f4', 'fortran_order': 0, 'shape': (1,), }",
            "{'descr': '<f4', 'fortran_order': False, 'shape': (1,), } import os",
            "{'descr': '<f4', 'fortran_order': False, 'shape': [1], }",
            "{'descr': '|O', 'fortran_order': False, 'shape': (1,), }", "{", "{'", "", "(((((((((",
        ])
    func header(text: String) {
        let length = [UInt8(text.utf8.count & 0xFF), UInt8(text.utf8.count >> 8)]
        let bytes = [0x93] + Array("NUMPY".utf8) + [1, 0] + length + Array(text.utf8) + [0, 0, 0, 0]
        #expect(throws: TensorFileError.self) { try NumPyFile.parse(ByteRegion(bytes)) }
    }

    @Test("What is not a file, or not there, is refused by its path")
    func notAFile() throws {
        let folder = try TemporaryFolder()
        for name in ["none.npy", "none.npz", "none.pb"] {
            let error = #expect(throws: FileError.self) {
                try TensorFile.read(path: folder.path + "/" + name)
            }
            #expect(error?.kind == .missing)
        }
        try FileManager.default.createDirectory(
            atPath: folder.path + "/folder.npy", withIntermediateDirectories: true)
        #expect(throws: FileError.self) { try TensorFile.read(path: folder.path + "/folder.npy") }
        try Data().write(to: URL(filePath: folder.path + "/empty.npz"))
        #expect(throws: TensorFileError.self) { try TensorFile.read(path: folder.path + "/empty.npz") }
    }
}

/// A small generator of random numbers, so that a failure can be repeated.
struct SplitMix: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
