import GraphIR
import MixtureOfDepths

/// Reproducible inputs for a graph.
public enum SeededInputs {
    /// One tensor for each graph input without a default: normal numbers of deviation 1 for floating-point
    /// inputs, zeros for integer and boolean ones.
    ///
    /// - Parameters:
    ///   - batch: what a symbolic first extent becomes.
    ///   - index: tells the samples of one seed apart.
    ///   - example: where the graph leaves other extents open, they are those of the tensors here.
    /// - Throws: `VerificationError.inputShape` if another extent is not known.
    public static func tensors(
        for graph: Graph, batch: Int, seed: UInt64, index: Int, example: [String: Tensor] = [:]
    ) throws -> [String: Tensor] {
        var inputs: [String: Tensor] = [:]
        for value in graph.inputs.map({ graph[$0] }) where value.initializer == nil {
            guard let type = value.tensorType, var shape = type.shape else {
                throw VerificationError.inputShape(value.name, "unknown")
            }
            if let first = shape.dims.first, first.value == nil { shape[0] = .fixed(batch) }
            if let model = example[value.name]?.shape, model.count == shape.rank {
                for axis in 1..<max(1, model.count) where shape[axis].value == nil {
                    shape[axis] = .fixed(model[axis])
                }
            }
            guard let extents = shape.extents, let count = shape.elementCount else {
                throw VerificationError.inputShape(value.name, shape.description)
            }
            var generator = SeededGenerator(seed: seed, stream: "input/\(value.name)/\(index)")
            inputs[value.name] = try tensor(type.elementType, extents, count, &generator)
        }
        return inputs
    }

    private static func tensor(
        _ type: ElementType, _ shape: [Int], _ count: Int, _ generator: inout SeededGenerator
    ) throws -> Tensor {
        switch type {
        case .float32: return try Tensor(shape: shape, generator.normal(count: count, deviation: 1))
        case .float16:
            return try Tensor(shape: shape, generator.normal(count: count, deviation: 1).map(Float16.init))
        case .float64:
            return try Tensor(shape: shape, generator.normal(count: count, deviation: 1).map(Double.init))
        default:
            guard let bytes = type.byteCount(of: count) else {
                throw TensorError.invalidShape(shape, type)
            }
            return try Tensor(type, shape: shape, bytes: ByteRegion([UInt8](repeating: 0, count: bytes)))
        }
    }
}
