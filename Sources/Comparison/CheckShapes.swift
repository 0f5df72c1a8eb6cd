import GraphIR

/// The shapes that a check gives inputs which the source leaves open.
///
/// The batch apart, which a check chooses by itself, an open extent is what the caller says, or one of a list of
/// common sizes: the first with which the source can be run.
public struct CheckShapes: Sendable {
    /// What the caller says of inputs, by name: numbers, and symbols or unknown extents where the choice is left.
    private let given: [String: Shape]

    /// Shapes for a check.
    public init(_ given: [String: Shape] = [:]) { self.given = given }

    /// Extents of images' height and width to try: the usual ones first, then those that small networks take, and
    /// networks of few strides.
    private static let imageExtents = [224, 256, 320, 64, 32, 28, 16, 8]
    /// Lengths of sequences to try.
    private static let lengths = [16, 8, 1, 64, 128, 512]

    /// Whether the shapes are more than the source's own and a batch.
    func isMade(for graph: Graph) -> Bool {
        !given.isEmpty
            || graph.requiredInputs.contains { id in
                graph[id].shape?.dims.dropFirst().contains { $0.value == nil } ?? false
            }
    }

    /// The shapes of all inputs without default, their batch open where the source and the caller leave it open, in
    /// the order in which they are to be tried; one candidate if nothing else is open.
    func candidates(for graph: Graph) -> [[String: Shape]] {
        var shapes: [String: Shape] = [:]
        for input in graph.requiredInputs.map({ graph[$0] }) {
            guard var shape = input.shape else { continue }
            if let given = given[input.name], given.rank == shape.rank {
                for axis in shape.dims.indices where shape[axis].value == nil { shape[axis] = given[axis] }
            }
            shapes[input.name] = shape
        }
        let open = shapes.values.filter { $0.dims.dropFirst().contains { $0.value == nil } }
        guard !open.isEmpty else { return [shapes] }
        let extents = open.contains { $0.rank >= 4 } ? CheckShapes.imageExtents : CheckShapes.lengths
        return extents.map { extent in
            shapes.reduce(into: [:]) { result, entry in
                let channels = graph.value(named: entry.key).flatMap { graph.channels(of: $0) }
                result[entry.key] = entry.value.filled(with: extent, channels: channels)
            }
        }
    }
}

extension Shape {
    /// The shape with its open extents, the first one apart, set to `extent`, and an open axis 1 to `channels`.
    fileprivate func filled(with extent: Int, channels: Int?) -> Shape {
        var shape = self
        for axis in dims.indices.dropFirst() where dims[axis].value == nil {
            shape[axis] = .fixed(axis == 1 ? channels ?? extent : extent)
        }
        return shape
    }
}

extension Graph {
    /// The channels that a convolution which reads the value asks for; nil if none does.
    fileprivate func channels(of value: Value) -> Int? {
        let convolution = consumers(of: value.id).first { $0.isOperator("Conv") && $0.input(0) == value.id }
        guard let convolution, let weights = constant(convolution.input(1)), weights.rank >= 3 else {
            return nil
        }
        guard case .int(let groups)? = convolution.attributes["group"] else { return weights.shape[1] }
        let (channels, overflow) = weights.shape[1].multipliedReportingOverflow(by: Int(groups))
        return overflow || channels < 1 ? nil : channels
    }
}
