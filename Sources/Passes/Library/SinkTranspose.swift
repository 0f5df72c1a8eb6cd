import GraphIR
import Operators

/// Moves Transposes to channels last below the nodes that read them, until they meet their inverse.
///
///     before: x -> Transpose(0, 2, 3, 1) -> a -> Relu -> y
///     after:  x -> Relu -> y_channels_first -> Transpose(0, 2, 3, 1) -> y
///
/// Files from TensorFlow and Keras have a Transpose on either side of every convolution, and everything else
/// in channels-last order. With `RaiseTranspose` and `CancelTranspose`, the inside of the network becomes
/// channels-first throughout. One Transpose is left at each input or output that is channels-last.
///
/// Conditions:
/// 1. Every image that the node reads is such a Transpose; there is at least one.
/// 2. `LayoutChange` can translate the node's axes and constants.
///
/// Where the node's result is the same in both layouts, no Transpose is left (`rewriteWithoutImages`):
/// 3. a reduction over all spatial axes without `keepdims`, whose result is [N, C];
/// 4. Flatten (axis 1), Reshape (with 0 in the first place only) or Squeeze (all spatial axes) of images
///    whose spatial extents are all 1.
public struct SinkTranspose: LocalPass {
    public let name = "sink-transpose"
    public let summary = "Transposes to channels last move below the nodes that read them."

    /// The pass; it has no settings.
    public init() {}

    public func rewrite(_ node: Node, _ edit: inout GraphEdit) throws {
        guard let output = node.output(0), let rank = rank(of: node, in: edit.graph) else { return }
        guard let change = try LayoutChange(node, rank: rank, in: edit.graph) else {
            return try rewriteWithoutImages(node, rank, &edit)
        }
        var sources: [ValueID] = []
        for position in change.images {
            guard let image = node.input(position),
                let (source, imageRank) = ImageLayout.channelsFirstSource(of: image, in: edit.graph),
                imageRank == rank
            else { return }
            sources.append(source)
        }
        guard !sources.isEmpty else { return }
        for (position, source) in zip(change.images, sources) { edit.setInput(node.id, position, source) }
        try edit.apply(change, to: node.id)
        let name = edit.graph[output].name
        try edit.interpose(
            "Transpose", after: output, innerName: edit.uniqueName("\(name)_channels_first"),
            name: edit.uniqueName("\(name)_transpose"),
            attributes: ["perm": .ints(ImageLayout.toChannelsLast(rank: rank).map(Int64.init))])
    }

    /// The rank of the first image that comes from a Transpose to channels last.
    private func rank(of node: Node, in graph: Graph) -> Int? {
        for case let input? in node.inputs {
            if let found = ImageLayout.channelsFirstSource(of: input, in: graph) { return found.rank }
        }
        return nil
    }

    private func rewriteWithoutImages(_ node: Node, _ rank: Int, _ edit: inout GraphEdit) throws {
        guard let image = node.input(0), node.domain.isEmpty,
            let (source, _) = ImageLayout.channelsFirstSource(of: image, in: edit.graph),
            let change = try ImageConsumer(node, rank: rank, in: edit.graph)
        else { return }
        edit.setInput(node.id, 0, source)
        if let axes = change.axes {
            if node.attributes["axes"] != nil {
                edit.setAttribute(node.id, "axes", .ints(axes))
            } else {
                try edit.replaceConstant(
                    node.id, 1, by: Tensor(axes), name: "\(edit.graph[image].name)_axes")
            }
        }
    }
}

/// A node that reads a channels-last image and whose result has no image axes any more, so that the
/// channels-first image gives the same result.
private struct ImageConsumer {
    /// The axes that the node has to name afterwards; nil if it names none.
    let axes: [Int64]?

    init?(_ node: Node, rank: Int, in graph: Graph) throws {
        let context = OperatorContext(graph: graph, node: node)
        let spatial = Array(1..<(rank - 1))
        let isPixel = context.shape(0).map { shape in
            shape.rank == rank && spatial.allSatisfy { shape[$0] == 1 }
        }
        switch node.operatorType {
        case "ReduceMax", "ReduceMean", "ReduceMin", "ReduceSum", "Squeeze":
            if node.isOperator("Squeeze") {
                guard isPixel == true else { return nil }
            } else {
                guard try context.int("keepdims", default: 1) == 0 else { return nil }
            }
            let listed = try context.ints("axes") ?? context.integers(input: 1) ?? []
            guard try context.axes(listed, rank: rank) == spatial else { return nil }
            axes = try LayoutChange.translate(spatial, context, rank).sorted()
        case "Flatten":
            guard isPixel == true, try context.int("axis", default: 1) == 1 else { return nil }
            axes = nil
        case "Reshape":
            guard isPixel == true, let target = context.integers(input: 1),
                !target.dropFirst().contains(0)
            else { return nil }
            axes = nil
        default: return nil
        }
    }
}
