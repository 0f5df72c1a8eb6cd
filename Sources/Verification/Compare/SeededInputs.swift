import GraphIR
import MixtureOfDepths
import Operators

/// Reproducible inputs for a graph.
public enum SeededInputs {
    /// One tensor for each graph input without a default.
    ///
    /// - Parameters:
    ///   - batch: the value of a symbolic first extent.
    ///   - index: distinguishes the samples of one seed.
    ///   - shapes: the extents to use where the graph leaves them open.
    ///   - example: tensors whose extents are used where extents are still open.
    ///   - fill: the contents of the tensors.
    ///   - given: tensors to use instead of generated ones.
    /// - Throws: `VerificationError.inputShape` if an extent is still unknown.
    public static func tensors(
        for graph: Graph, batch: Int, seed: UInt64, index: Int, shapes: [String: Shape] = [:],
        example: [String: Tensor] = [:], fill: InputFill = .random, given: [String: Tensor] = [:]
    ) throws -> [String: Tensor] {
        var inputs = given
        for value in graph.requiredInputs.map({ graph[$0] }) where given[value.name] == nil {
            guard let type = value.tensorType, var shape = type.shape else {
                throw VerificationError.inputShape(value.name, "unknown")
            }
            if let known = shapes[value.name], known.rank == shape.rank {
                for axis in shape.dims.indices where shape[axis].value == nil { shape[axis] = known[axis] }
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
            guard count <= OperatorContext.maximumElements else {
                throw VerificationError.inputSize(value.name, shape.description)
            }
            var generator = SeededGenerator(seed: seed, stream: "input/\(value.name)/\(index)")
            inputs[value.name] = try fill.tensor(type.elementType, extents, &generator)
        }
        return inputs
    }
}
