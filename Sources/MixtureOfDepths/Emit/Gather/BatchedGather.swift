import GraphIR

/// The gather in one node for any batch, from opset 12 on:
///
///     indices [N,k,1,1] ── Reshape [N,k,1] ── GatherND(X, batch_dims 1)
///                       └───────────────────── GatherElements(scores, axis 1)
///
/// onnxruntime's symbolic shape inference, and with it its quantizer, onnx-tool and onnx2torch do not read `batch_dims`.
struct BatchedGather: IndexedGather {
    func channels(
        of x: ValueID, at places: ValueID, _ size: ChannelPart, _ path: String, _ build: inout NodeBuilder
    ) throws -> ValueID {
        let rows = try build.reshape(places, [0, Int64(size.k), 1], "\(path)/indices")
        return try build.add("GatherND", [x, rows], path, ["batch_dims": .int(1)])
    }
}
