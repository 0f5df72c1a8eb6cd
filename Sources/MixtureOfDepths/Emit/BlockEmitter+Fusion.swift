import GraphIR

extension BlockEmitter {
    /// Y[:, :k] = body + X[:, :k]; Y[:, k:] = X[:, k:], for the k channels that are fused.
    mutating func emitFusion(_ body: ValueID) throws -> ValueID {
        guard shape.fused < shape.channels else {
            return try add("Add", [body, input], "fusion")
        }
        switch options.emission {
        case .literal: return try emitSlicedFusion(body)
        case .fast: return try emitPaddedFusion(body)
        case .train: return try emitSplitFusion(body)
        }
    }

    /// The sum on a part of X.
    ///
    ///     X ── Split [k, C - k] ─┬─ Add(body) ──┐
    ///                            └──────────── Concat ── Y
    private mutating func emitSplitFusion(_ body: ValueID) throws -> ValueID {
        let parts = try emitParts(input, at: shape.fused, of: shape.channels, "split")
        let sum = try add("Add", [body, parts.first], "fusion")
        return try add("Concat", [sum, parts.rest], "fusion", ["axis": .int(1)])
    }

    /// The sum on a slice, as the definition says it.
    ///
    ///     X ── Slice [:k] ── Add(body) ──┐
    ///     └─── Slice [k:] ───────────── Concat ── Y
    private mutating func emitSlicedFusion(_ body: ValueID) throws -> ValueID {
        let first = try emitSlice(input, 0, shape.fused, "fusion/first")
        let rest = try emitSlice(input, shape.fused, shape.channels, "fusion/rest")
        let sum = try add("Add", [body, first], "fusion")
        return try add("Concat", [sum, rest], "fusion", ["axis": .int(1)])
    }

    /// The sum on all channels, to which the body adds zeros beyond the first k.
    ///
    ///     body ── Pad channels to C ── MaxPool 1x1 ── Add(X) ── Y
    ///
    /// The pooling takes the maximum of one element. It is there for runtimes with a blocked layout,
    /// onnxruntime's among them: it enters that layout, so that X and Y never leave it. A Slice or Concat in its
    /// place costs X and Y a conversion, and the next block the fusion of its own sum and activation.
    private mutating func emitPaddedFusion(_ body: ValueID) throws -> ValueID {
        let pads: [Int64] = [0, 0, 0, 0, 0, Int64(shape.channels - shape.fused), 0, 0]
        let padded =
            opset >= 11
            ? try add("Pad", [body, try constant("fusion/pads", Tensor(pads))], "fusion")
            : try add("Pad", [body], "fusion", ["pads": .ints(pads)])
        let placed = try add("MaxPool", [padded], "fusion", ["kernel_shape": .ints([1, 1])])
        return try add("Add", [placed, input], "fusion")
    }
}
