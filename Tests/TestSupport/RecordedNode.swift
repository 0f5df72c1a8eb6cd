import Foundation
import GraphIR
import ONNXFormat
import TensorFiles

/// A case of `fixtures/operators`: one node, inputs, and the outputs that onnxruntime gives.
public struct RecordedNode: Sendable, Hashable, CustomStringConvertible {
    public let name: String

    public var description: String { name }

    private static let folder = Repository.path("fixtures/operators")

    /// Every case, by name.
    public static let all = ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? [])
        .filter { $0.hasSuffix(".onnx") }.sorted().map { RecordedNode(name: String($0.dropLast(5))) }

    /// Reads the model and its data.
    public func load() throws -> (model: Model, data: NodeTest.DataSet) {
        let path = "\(RecordedNode.folder)/\(name)"
        let model = try ONNXFile.read(path: path + ".onnx")
        let tensors = Dictionary(
            try TensorFile.read(path: path + ".npz").map { ($0.name ?? "", $0.tensor) },
            uniquingKeysWith: { first, _ in first })
        let graph = model.graph
        let inputs = graph.inputs.map { graph[$0].name }
        let outputs = graph.outputs.map { graph[$0].name }
        return (
            model,
            NodeTest.DataSet(
                inputs: tensors.filter { inputs.contains($0.key) },
                outputs: outputs.compactMap { name in tensors[name].map { (name, $0) } })
        )
    }
}
