import GraphIR

/// The gather that PyTorch has with a gradient, for any batch, and maps of known height and width:
///
///     indices [N,k,1,1] ── Add(0 [1,1,H,W]) ── GatherElements(X, axis 1)
///                       └───────────────────── GatherElements(scores, axis 1)
///
/// PyTorch can trace an Add of a constant, but not the extents of an Expand.
struct ElementGather: IndexedGather {
    func channels(
        of x: ValueID, at places: ValueID, _ size: ChannelPart, _ path: String, _ build: inout NodeBuilder
    ) throws -> ValueID {
        guard let (height, width) = build.extents(of: x) else {
            throw ConversionError.openExtents(build.name(x))
        }
        let zeros = [Int64](repeating: 0, count: height * width)
        let map = try build.constant("\(path)/map", try Tensor(shape: [1, 1, height, width], zeros))
        let everywhere = try build.add("Add", [places, map], "\(path)/places")
        return try build.add("GatherElements", [x, everywhere], path, ["axis": .int(1)])
    }
}
