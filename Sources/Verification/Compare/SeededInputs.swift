import GraphIR
import MixtureOfDepths
import Operators

/// Reproducible inputs for a graph.
public enum SeededInputs {
    /// One tensor for each graph input without a default.
    ///
    /// - Parameters:
    ///   - batch: what a symbolic first extent becomes.
    ///   - index: tells the samples of one seed apart.
    ///   - shapes: where the graph leaves extents open, they are those that are said here.
    ///   - example: where other extents are still open, they are those of the tensors here.
    ///   - fill: what the tensors hold.
    ///   - given: tensors that need not be made up.
    /// - Throws: `VerificationError.inputShape` if another extent is not known.
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
