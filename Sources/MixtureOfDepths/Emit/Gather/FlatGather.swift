import GraphIR
import Operators

/// The gather for any batch. One axis of N * C holds the channels of all samples, and sample n's indices are
/// offset by n * C:
///
///     X ── Shape ── Gather(0) ── Range ── * C ── Reshape [N,1] ──┐      a constant, if N is a number
///     indices [N,k,1,1] ── Reshape [N,k] ────────────────────── Add ─┬─ Gather(X as [N*C,H,W], axis 0)
///                                                                    └─ Gather(scores as [N*C], axis 0)
///
/// Unlike GatherND with `batch_dims` it needs nothing that quantizers and importers lack, and its shapes follow from
/// X's by every tool's inference. A symbolic batch needs opset 11.
struct FlatGather: BlockGather {
    func places(
        _ indices: ValueID, in value: ValueID, _ size: ChannelPart, _ path: String, _ build: inout NodeBuilder
    ) throws -> ValueID {
        let offsets = try offsets(in: value, size.channels, path, &build)
        let perSample = try build.reshape(indices, [0, Int64(size.k)], "\(path)/indices")
        return try build.add("Add", [perSample, offsets], "\(path)/flat")
    }

    func channels(
        of x: ValueID, at places: ValueID, _ size: ChannelPart, _ path: String, _ build: inout NodeBuilder
    ) throws -> ValueID {
        guard let (height, width) = build.extents(of: x) else {
            throw ConversionError.openExtents(build.name(x))
        }
        let planes = try build.reshape(x, [-1, Int64(height), Int64(width)], "\(path)/planes")
        return try build.add("Gather", [planes, places], path, ["axis": .int(0)])
    }

    func scores(
        of scores: ValueID, at places: ValueID, _ size: ChannelPart, _ path: String,
        _ build: inout NodeBuilder
    ) throws -> ValueID {
        let flat = try build.reshape(scores, [-1], "\(path)/scores")
        let picked = try build.add("Gather", [flat, places], path, ["axis": .int(0)])
        return try build.reshape(picked, [-1, Int64(size.k), 1, 1], "\(path)/shape")
    }

    /// The place of each sample's first channel, [N, 1].
    private func offsets(
        in value: ValueID, _ channels: Int, _ path: String, _ build: inout NodeBuilder
    ) throws -> ValueID {
        let count = Int64(channels)
        if let batch = build.batch(of: value)?.value {
            let places = (0..<batch).map { Int64($0) * count }
            return try build.constant("\(path)/offsets", try Tensor(shape: [batch, 1], places))
        }
        let shape = try build.add("Shape", [value], "\(path)/batch")
        let zero = try build.constant("\(path)/zero", Tensor(scalar: Int64(0)))
        let one = try build.constant("\(path)/one", Tensor(scalar: Int64(1)))
        let batch = try build.add("Gather", [shape, zero], "\(path)/batch", ["axis": .int(0)])
        let samples = try build.add("Range", [zero, batch, one], "\(path)/samples")
        let stride = try build.constant("\(path)/channels", Tensor(scalar: count))
        let starts = try build.add("Mul", [samples, stride], "\(path)/starts")
        return try build.reshape(starts, [-1, 1], "\(path)/offsets")
    }
}
