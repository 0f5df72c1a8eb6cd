import GraphIR

/// The shapes that a check gives to inputs which the source leaves open.
///
/// A check chooses the batch by itself. Any other open extent is what the caller says, or one of a list of
/// common sizes: the first with which the source can be run.
public struct CheckShapes: Sendable {
    /// The caller's shapes of inputs, by name; symbols and unknown extents leave the choice to the check.
    private let given: [String: Shape]

    /// Shapes for a check.
    public init(_ given: [String: Shape] = [:]) { self.given = given }

    /// Extents of images' height and width to try: the usual ones first, then those of small networks and of
    /// networks with few strides.
    private static let imageExtents = [224, 256, 320, 64, 32, 28, 16, 8]
    /// Lengths of sequences to try.
    private static let lengths = [16, 8, 1, 64, 128, 512]

    /// Whether the shapes set more than the source's own extents and a batch.
    func isMade(for graph: Graph) -> Bool {
        !given.isEmpty
            || graph.requiredInputs.contains { id in
                graph[id].shape?.dims.dropFirst().contains { $0.value == nil } ?? false
            }
    }

    /// The shapes of all inputs without default, in the order in which to try them. The batch stays open
    /// where the source and the caller leave it open. One candidate if nothing else is open.
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
    /// The shape with its open extents, except the first, set to `extent`, and an open axis 1 set to
    /// `channels`.
    fileprivate func filled(with extent: Int, channels: Int?) -> Shape {
        var shape = self
        for axis in dims.indices.dropFirst() where dims[axis].value == nil {
            shape[axis] = .fixed(axis == 1 ? channels ?? extent : extent)
        }
        return shape
    }
}

extension Graph {
    /// The channels that a convolution requires of the value it reads; nil if no convolution reads it.
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
