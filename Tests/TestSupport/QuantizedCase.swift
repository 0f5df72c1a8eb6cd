import Foundation
import GraphIR
import ONNXFormat
import TensorFiles

/// A case of `fixtures/quantized`: a quantised network, an input, and the output that onnxruntime gives.
public struct QuantizedCase: Sendable, CustomStringConvertible {
    public let name: String
    public var description: String { name }

    private static let folder = Repository.path("fixtures/quantized")

    /// Every case, by name.
    public static let all = ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? [])
        .filter { $0.hasSuffix(".onnx") }.sorted().map { QuantizedCase(name: String($0.dropLast(5))) }

    /// One network as several quantisers write it: onnxruntime's `quantize_static` as QDQ and as QOperator, and NNCF.
    public static let networks = ["qdq", "qoperator", "nncf"].map { QuantizedCase(name: "networks/\($0)") }

    /// The file's path.
    public var path: String { "\(QuantizedCase.folder)/\(name).onnx" }

    /// The network, its shapes inferred as on import.
    public func graph() throws -> Graph { try ONNXFile.read(path: path).graph }

    /// The input, and the output that it must give.
    public func data() throws -> (input: Tensor, output: Tensor) {
        let tensors = try TensorFile.read(path: "\(QuantizedCase.folder)/\(name).npz")
        func tensor(_ name: String) throws -> Tensor {
            guard let tensor = tensors.first(where: { $0.name == name })?.tensor else {
                throw Missing(name: name)
            }
            return tensor
        }
        return (try tensor("x"), try tensor("y"))
    }

    /// The difference of two outputs in quantisation steps of the network's last dequantisation.
    public func steps(_ actual: Tensor, _ expected: Tensor, in graph: Graph) -> Float? {
        guard actual.type == expected.type, let a = actual.floats, let b = expected.floats,
            let end = graph.outputs.first.flatMap({ graph.producer(of: $0) }),
            end.operatorType == "DequantizeLinear",
            let scale = graph.constant(end.input(1))?.floats?.first
        else { return nil }
        return zip(a, b).map { abs($0 - $1) / scale }.max()
    }

    private struct Missing: Error {
        let name: String
    }
}
