import GraphIR

/// The spelling that follows the paper's definition operator by operator.
///
///     X ── Slice [:k] ── Add(body) ──┐
///     └─── Slice [k:] ───────────── Concat ── Y
struct LiteralSpelling: BlockSpelling {
    func fuse(
        _ body: ValueID, into x: ValueID, _ size: ChannelPart, _ build: inout NodeBuilder
    ) throws -> ValueID {
        let first = try build.slice(x, 0, size.k, "fusion/first")
        let rest = try build.slice(x, size.k, size.channels, "fusion/rest")
        let sum = try build.add("Add", [body, first], "fusion")
        return try build.add("Concat", [sum, rest], "fusion", ["axis": .int(1)])
    }
}
