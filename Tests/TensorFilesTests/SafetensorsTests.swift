import Foundation
import GraphIR
import Testing

@testable import TensorFiles

@Suite struct SafetensorsTests {
    private static func file(_ header: String, data: Int = 0) -> ByteRegion {
        let length = withUnsafeBytes(of: UInt64(header.utf8.count).littleEndian) { Array($0) }
        return ByteRegion(length + Array(header.utf8) + (0..<data).map { UInt8($0 & 0xff) })
    }

    @Test("Tensors come with their names, in the order of their data")
    func reading() throws {
        let header = """
            {"__metadata__": {"format": "pt"}, "b": {"dtype": "I64", "shape": [], "data_offsets": [8, 16]}, \
            "a": {"dtype": "F32", "shape": [2, 1], "data_offsets": [0, 8]}, \
            "none": {"dtype": "F16", "shape": [0, 3], "data_offsets": [16, 16]}}
            """
        let tensors = try SafetensorsFile.parse(Self.file(header, data: 16))
        #expect(tensors.map(\.name) == ["a", "b", "none"])
        #expect(tensors.map(\.tensor.shape) == [[2, 1], [], [0, 3]])
        #expect(tensors.map(\.tensor.elementType) == [.float32, .int64, .float16])
        #expect(tensors[1].tensor.integers == [0x0f0e_0d0c_0b0a_0908])
    }

    @Test(
        "What does not lie within the file, or is not what its shape asks for, is refused",
        arguments: [
            #"{"a": {"dtype": "F32", "shape": [2], "data_offsets": [0, 4]}}"#,
            #"{"a": {"dtype": "F32", "shape": [2], "data_offsets": [0, 400]}}"#,
            #"{"a": {"dtype": "F32", "shape": [2], "data_offsets": [8, 0]}}"#,
            #"{"a": {"dtype": "F32", "shape": [2], "data_offsets": [-8, 0]}}"#,
            #"{"a": {"dtype": "F32", "shape": [2], "data_offsets": [0]}}"#,
            #"{"a": {"dtype": "F32", "shape": [-2], "data_offsets": [0, 8]}}"#,
            #"{"a": {"dtype": "F32", "shape": [4294967296, 4294967296], "data_offsets": [0, 8]}}"#,
            #"{"a": {"dtype": "F32", "shape": [2], "data_offsets": [9223372036854775807, 8]}}"#,
            #"{"a": {"dtype": "F32", "shape": [1e99], "data_offsets": [0, 8]}}"#,
            #"{"a": {"dtype": "F8_E4M3", "shape": [8], "data_offsets": [0, 8]}}"#,
            // Two tensors over the same bytes.
            #"{"a": {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}, "b": {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}}"#,
            #"{"a": {"dtype": "F32", "shape": [2], "data_offsets": [4, 12]}}"#,
            "{}", "[]", "", "{\"a\": 1}", String(repeating: "[", count: 100_000),
            String(repeating: #"{"a":"#, count: 10_000),
        ])
    func refused(_ header: String) {
        #expect(throws: TensorFileError.self) { try SafetensorsFile.parse(Self.file(header, data: 8)) }
    }

    @Test("A header that claims what is not there is refused", arguments: [0, 7, 8, 12])
    func length(_ count: Int) {
        let lengths: [UInt64] = [100, 1 << 40, .max]
        for length in lengths {
            let bytes = withUnsafeBytes(of: length.littleEndian) { Array($0) } + [123, 125, 0, 0]
            #expect(throws: TensorFileError.self) {
                try SafetensorsFile.parse(ByteRegion(Array(bytes.prefix(count))))
            }
        }
    }

    @Test("A file that is cut off anywhere, or has flipped bits, gives an error or tensors that fit")
    func damaged() throws {
        let header =
            #"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"I8","shape":[3],"data_offsets":[8,11]}}"#
        let whole = Self.file(header, data: 11).withUnsafeBytes { Array($0) }
        for count in whole.indices {
            #expect(throws: TensorFileError.self) {
                try SafetensorsFile.parse(ByteRegion(Array(whole[..<count])))
            }
        }
        for position in whole.indices {
            for bit in 0..<8 {
                var copy = whole
                copy[position] ^= 1 << UInt8(bit)
                do {
                    for entry in try SafetensorsFile.parse(ByteRegion(copy)) {
                        let tensor = entry.tensor
                        #expect(tensor.elementType.byteCount(of: tensor.elementCount) == tensor.bytes.count)
                    }
                } catch is TensorFileError {}
            }
        }
    }
}
