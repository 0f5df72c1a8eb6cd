import Foundation
import GraphIR
import ONNXFormat
import TensorFiles

/// A case of `fixtures/cases`: a model, its inputs, and the outputs that onnxruntime gives.
public struct FixtureCase: Sendable {
    /// The model's graph, its shapes inferred as on import.
    public let graph: Graph
    /// The inputs, by name.
    public let inputs: [String: Tensor]
    /// The outputs that they must give, by name.
    public let outputs: [String: Tensor]

    /// Reads the case of that name.
    public init(_ name: String) throws {
        let folder = Repository.path("fixtures/cases") + "/"
        graph = try ONNXFile.read(path: folder + name + ".onnx").graph
        func tensors(_ kind: String) throws -> [String: Tensor] {
            let prefix = "\(name).\(kind)_"
            let files = try FileManager.default.contentsOfDirectory(atPath: folder)
                .filter { $0.hasPrefix(prefix) }
            return Dictionary(
                try files.compactMap { file in
                    try TensorFile.read(path: folder + file).first.map {
                        (String(file.dropFirst(prefix.count).dropLast(".npy".count)), $0.tensor)
                    }
                }, uniquingKeysWith: { first, _ in first })
        }
        inputs = try tensors("in")
        outputs = try tensors("exp")
    }
}
