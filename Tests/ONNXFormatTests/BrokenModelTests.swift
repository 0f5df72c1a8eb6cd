import Foundation
import GraphIR
import Testing

@testable import ONNXFormat

@Suite("Broken and hostile models")
struct BrokenModelTests {
    @Test("A model that is wrong is refused in one line that says where", arguments: BrokenModel.all)
    func refused(model: BrokenModel) {
        let error = #expect(throws: ONNXFormatError.self) {
            try ONNXFile.parse(ByteRegion(model.bytes), folder: nil)
        }
        #expect(error?.description.contains(model.line) == true, "\(error?.description ?? "")")
        #expect(error?.description.contains("\n") == false)
        #expect(error?.kind == model.kind)
        #expect(error?.diagnostic.remedy != nil)
    }

    @Test("The same model without the fault is read")
    func sound() throws {
        let bytes = RawModel.initializer(RawModel.tensor([1], raw: [0, 0, 0, 0]))
        #expect(try ONNXFile.parse(ByteRegion(bytes), folder: nil).graph.nodes.count == 1)
    }

    @Test("A small model cut off anywhere is refused, or is a model", arguments: BrokenModelTests.seeds)
    func truncated(path: String) throws {
        let bytes = try MappedFile(path: path).bytes
        for count in 0..<min(bytes.count, 3000) {
            guard let part = bytes.slice(offset: 0, count: count) else { continue }
            try BrokenModelTests.parse(part)
        }
    }

    @Test("Flipped bits give an error or a model, never a trap", arguments: BrokenModelTests.seeds)
    func flipped(path: String) throws {
        let bytes = try MappedFile(path: path).bytes.withUnsafeBytes { Array($0) }
        var random = SplitMix(seed: UInt64(bytes.count))
        for _ in 0..<400 {
            var copy = bytes
            for _ in 0...Int.random(in: 0..<4, using: &random) {
                let index = Int.random(in: copy.indices, using: &random)
                copy[index] ^= 1 << UInt8.random(in: 0..<8, using: &random)
            }
            try BrokenModelTests.parse(ByteRegion(copy))
        }
    }

    @Test("Tensor files cut off or with flipped bits")
    func tensorFiles() throws {
        var random = SplitMix(seed: 1)
        for path in RealFiles.tensors.prefix(40) {
            let bytes = try MappedFile(path: path).bytes.withUnsafeBytes { Array($0) }
            for _ in 0..<50 where !bytes.isEmpty {
                var copy = Array(bytes.prefix(Int.random(in: 1...bytes.count, using: &random)))
                copy[Int.random(in: copy.indices, using: &random)] ^=
                    1 << UInt8.random(in: 0..<8, using: &random)
                do {
                    _ = try TensorProtoFile.parse(ByteRegion(copy))
                } catch is ONNXFormatError {}
            }
        }
    }

    @Test("More nodes than the limit are refused before anything is decoded")
    func nodes() {
        var limits = ImportLimits()
        limits.nodes = 1000
        let nodes = [WireMessage](repeating: WireMessage(), count: 1001)
        let error = #expect(throws: ONNXFormatError.self) {
            try ONNXFile.parse(
                ByteRegion(RawModel.model(RawModel.graph(nodes: nodes))), folder: nil, limits: limits)
        }
        #expect(error?.kind == .limit)
    }

    @Test("A description that would take more memory than the limit is refused before it is decoded")
    func memory() {
        var limits = ImportLimits()
        limits.descriptionBytes = 1 << 20
        let graph = RawModel.graph { graph in
            for _ in 0..<20_000 { graph.add(GraphField.valueInfo, message: WireMessage()) }
        }
        let error = #expect(throws: ONNXFormatError.self) {
            try ONNXFile.parse(ByteRegion(RawModel.model(graph)), folder: nil, limits: limits)
        }
        #expect(error?.kind == .limit)
    }

    @Test("What is not a file, or not there, is refused by its path")
    func notAFile() throws {
        let folder = try TemporaryFolder()
        #expect(mkfifo(folder.path + "/fifo.onnx", 0o600) == 0)
        for (name, kind) in [
            ("none.onnx", FileError.Kind.missing), ("fifo.onnx", .notRegular), ("", .notRegular),
        ] {
            let path = folder.path + "/" + name
            let error = #expect(throws: FileError.self) { try ONNXFile.read(path: path) }
            #expect(error?.kind == kind)
            #expect(error?.description.hasPrefix(path) == true)
        }
    }

    /// Small models of many kinds: convolutions, subgraphs, sequences, functions, typed fields.
    static let seeds =
        RealFiles.formatCases
        + RealFiles.testData.filter { path in
            [
                "node/test_if/", "node/test_if_seq/", "node/test_loop11/", "test_Conv2d_groups/",
                "test_sequence_model8/",
                "node/test_scan_sum/", "node/test_constant/", "node/test_identity_opt/",
                "node/test_reshape_negative_dim/",
                "node/test_gelu_tanh_1_expanded/", "node/test_layer_normalization_2d_axis0_expanded/",
            ].contains { path.contains($0) }
        }

    /// Parses, and writes what was parsed; only typed errors may come of it.
    private static func parse(_ bytes: ByteRegion) throws {
        do {
            let model = try ONNXFile.parse(bytes, folder: nil)
            _ = try ONNXFile.serialize(model)
        } catch is ONNXFormatError {}
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
