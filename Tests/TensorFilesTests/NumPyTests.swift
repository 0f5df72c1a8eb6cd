import Foundation
import GraphIR
import Testing

@testable import TensorFiles

@Suite("NumPy files")
struct NumPyTests {
    private static let folder =
        String(#filePath.split(separator: "/Tests/").first ?? ".") + "/fixtures/tensors"
    private static let files = (try? FileManager.default.contentsOfDirectory(atPath: folder))?.sorted() ?? []
    static let countedFiles = files.filter {
        $0.hasSuffix(".npy") && !$0.hasPrefix("refused")
            && !["scalar", "vector", "empty"].contains($0.dropLast(4))
    }
    static let refusedFiles = files.filter { $0.hasPrefix("refused") }

    @Test(
        "Every element type, byte order, memory order and version gives the same numbers",
        arguments: countedFiles)
    func counted(file: String) throws {
        let tensor = try #require(TensorFile.read(path: NumPyTests.folder + "/" + file).first).tensor
        #expect(tensor.shape == [2, 3, 4])
        let expected = Array(0..<24)
        switch tensor.elementType {
        case .bool: #expect(tensor.integers == expected.map { $0 % 2 })
        case .complex64, .complex128:
            let isSingle = tensor.elementType == .complex64
            let parts = try Tensor(
                isSingle ? .float32 : .float64, shape: [24, 2], bytes: tensor.bytes)
            #expect(parts.floats == expected.flatMap { [Float($0), 0] })
        default: #expect(tensor.integers ?? tensor.floats?.map { Int($0) } == expected)
        }
    }

    @Test("Scalars, vectors and empty arrays")
    func shapes() throws {
        func read(_ file: String) throws -> Tensor {
            try #require(TensorFile.read(path: NumPyTests.folder + "/" + file).first).tensor
        }
        #expect(try read("scalar.npy") == Tensor(scalar: Float(7)))
        #expect(try read("vector.npy") == Tensor([Int64](0..<5)))
        #expect(try read("empty.npy") == Tensor(shape: [0, 3], [Float]()))
    }

    @Test("Arrays that are not tensors are refused", arguments: refusedFiles)
    func refused(file: String) {
        let error = #expect(throws: TensorFileError.self) {
            try TensorFile.read(path: NumPyTests.folder + "/" + file)
        }
        #expect(error?.kind == .unsupported)
    }

    @Test("Archives, stored and deflated", arguments: ["stored.npz", "deflated.npz"])
    func archives(file: String) throws {
        let tensors = try TensorFile.read(path: NumPyTests.folder + "/" + file)
        #expect(tensors.map(\.name) == ["/layer1/output", "ids", "flag"])
        #expect(tensors[0].tensor == (try Tensor(shape: [2, 3, 4], (0..<24).map(Float.init))))
        #expect(tensors[1].tensor == Tensor([Int64](0..<5)))
        #expect(tensors[2].tensor == Tensor(scalar: true))
    }

    @Test("What is written is what NumPy writes, byte for byte", arguments: countedFiles)
    func written(file: String) throws {
        let path = NumPyTests.folder + "/" + file
        guard !file.contains("-"), !file.contains("fortran"), !file.contains("version") else { return }
        let tensor = try #require(TensorFile.read(path: path).first).tensor
        let copy = try TemporaryFolder()
        try TensorFile.write([NamedTensor(name: nil, tensor: tensor)], to: copy.path + "/" + file)
        #expect(
            try Data(contentsOf: URL(filePath: copy.path + "/" + file))
                == Data(contentsOf: URL(filePath: path)))
    }

    @Test("Archives and protobuf files survive being written and read", arguments: ["npz", "pb", "npy"])
    func roundTrip(suffix: String) throws {
        let folder = try TemporaryFolder()
        let path = folder.path + "/x." + suffix
        let all = try TensorFile.read(path: NumPyTests.folder + "/stored.npz")
        let tensors = suffix == "npz" ? all : Array(all.prefix(1))
        try TensorFile.write(tensors, to: path)
        let again = try TensorFile.read(path: path)
        #expect(again.map(\.tensor) == tensors.map(\.tensor))
        #expect(suffix == "npy" || again.map(\.name) == tensors.map(\.name))
        #expect(throws: FileError.self) { try TensorFile.write(tensors, to: path) }
        let bytes = try Data(contentsOf: URL(filePath: path))
        try TensorFile.write(tensors, to: path, overwrite: true)
        #expect(try Data(contentsOf: URL(filePath: path)) == bytes)
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["x." + suffix])
    }

    @Test("What a format cannot hold is refused, and nothing is written")
    func impossible() throws {
        let folder = try TemporaryFolder()
        let one = NamedTensor(name: "a", tensor: Tensor([Float(1)]))
        let text = NamedTensor(name: "b", tensor: try Tensor(shape: [1], strings: [[65]]))
        #expect(throws: TensorFileError.self) {
            try TensorFile.write([one, one], to: folder.path + "/x.npy")
        }
        #expect(throws: TensorFileError.self) {
            try TensorFile.write([one, one], to: folder.path + "/x.npz")
        }
        #expect(throws: TensorFileError.self) { try TensorFile.write([], to: folder.path + "/x.npz") }
        #expect(throws: TensorFileError.self) { try TensorFile.write([text], to: folder.path + "/x.npy") }
        #expect(throws: TensorFileError.self) { try TensorFile.write([one], to: folder.path + "/x.txt") }
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).isEmpty)
    }
}
