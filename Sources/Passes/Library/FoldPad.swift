import GraphIR
import Operators

/// Folds a Pad into the convolution or pooling that reads it.
///
///     before: x -> Pad(1, 1, 1, 1) -> p -> Conv(pads 0) -> y
///     after:  x -> Conv(pads 1, 1, 1, 1) -> y
///
/// Conditions:
/// 1. Pad is in constant mode, with constant amounts that are not negative, on spatial axes only.
/// 2. The reader's own padding is explicit (`auto_pad` NOTSET or VALID).
/// 3. Conv: the value of the padding is 0.
/// 4. Pooling: the sum of both paddings is smaller than the kernel, so that every window sees x; the kernel
///    is not dilated; no `ceil_mode`, whose last windows depend on where the padding is.
/// 5. AveragePool: the value is 0, and padding counts in the mean: `count_include_pad` is 1, or the pooling
///    has no padding of its own. It is 1 afterwards.
/// 6. MaxPool: the value is minus infinity, or it is 0 and x is never negative (`Graph.isNonNegative`). The
///    indices are not used.
///
/// The Pad stays for its other readers.
public struct FoldPad: LocalPass {
    public let name = "fold-pad"
    public let summary = "Pad before Conv, MaxPool or AveragePool is folded into its padding."

    /// The pass; it has no settings.
    public init() {}

    public func rewrite(_ node: Node, _ edit: inout GraphEdit) throws {
        guard node.isOperator("Conv") || node.isOperator("MaxPool") || node.isOperator("AveragePool"),
            let pad = node.input(0).flatMap({ edit.graph.producer(of: $0) }), pad.isOperator("Pad"),
            let source = pad.input(0),
            let padding = try Padding(OperatorContext(graph: edit.graph, node: pad)), padding.isSpatial,
            let window = try window(of: node, in: edit.graph),
            allows(node, window, padding, source, edit.graph)
        else { return }
        let begin = zip(window.padBegin, padding.begin.dropFirst(2)).map { $0 + $1 }
        let end = zip(window.padEnd, padding.end.dropFirst(2)).map { $0 + $1 }
        guard (begin + end).allSatisfy({ $0 <= Window.limit }) else { return }
        edit.setInput(node.id, 0, source)
        edit.setAttribute(node.id, "auto_pad", nil)
        edit.setAttribute(node.id, "pads", .ints((begin + end).map(Int64.init)))
        if node.isOperator("AveragePool") { edit.setAttribute(node.id, "count_include_pad", .int(1)) }
    }

    /// The reader's window, if its padding is explicit.
    private func window(of node: Node, in graph: Graph) throws -> Window? {
        let context = OperatorContext(graph: graph, node: node)
        let mode = try context.string("auto_pad") ?? "NOTSET"
        let kernel =
            try context.ints("kernel_shape")
            ?? (node.isOperator("Conv") ? (context.shape(1)?.extents).map { Array($0.dropFirst(2)) } : nil)
        guard ["NOTSET", "VALID", ""].contains(mode), let kernel, !kernel.isEmpty else { return nil }
        return try Window(context, kernel: kernel, input: kernel.map { _ in nil })
    }

    private func allows(
        _ node: Node, _ window: Window, _ padding: Padding, _ source: ValueID, _ graph: Graph
    ) -> Bool {
        guard window.kernel.count == padding.begin.count - 2 else { return false }
        if node.isOperator("Conv") { return padding.value == 0 }
        let totals = window.kernel.indices.map { axis in
            max(
                window.padBegin[axis] + padding.amounts[axis + 2],
                window.padEnd[axis] + padding.amounts[padding.amounts.count / 2 + axis + 2])
        }
        guard zip(totals, window.kernel).allSatisfy(<), window.dilations.allSatisfy({ $0 == 1 }),
            node.attributes["ceil_mode"] ?? .int(0) == .int(0)
        else { return false }
        if node.isOperator("AveragePool") {
            let hasOwn = (window.padBegin + window.padEnd).contains { $0 != 0 }
            return padding.value == 0 && (!hasOwn || node.attributes["count_include_pad"] == .int(1))
        }
        guard node.outputs.dropFirst().allSatisfy({ $0 == nil }) else { return false }
        return padding.value == -.infinity || (padding.value == 0 && graph.isNonNegative(source))
    }
}

extension Padding {
    /// Whether the padding adds constants around spatial axes and nothing else, in amounts small enough to be
    /// added to a window's.
    fileprivate var isSpatial: Bool {
        mode == "constant" && begin.prefix(2).allSatisfy { $0 == 0 } && end.prefix(2).allSatisfy { $0 == 0 }
            && amounts.count >= 6 && amounts.allSatisfy { (0...Window.limit).contains($0) }
    }
}
