import GraphIR
import Operators

/// The padding of a Pad node, read from attributes (opset 2) or inputs (opset 11, axes from 18).
struct Padding {
    let mode: String
    /// Elements added before each axis, then after each; negative ones are removed.
    let amounts: [Int]
    /// The value of the added elements; nil if it is not constant.
    let value: Double?

    var begin: ArraySlice<Int> { amounts.prefix(amounts.count / 2) }
    var end: ArraySlice<Int> { amounts.suffix(amounts.count / 2) }

    /// - Returns: nil if the input's rank or the amounts are not known.
    init?(_ context: OperatorContext) throws {
        guard let rank = context.shape(0)?.rank else { return nil }
        mode = try context.string("mode") ?? "constant"
        guard context.opset >= 11 else {
            guard let pads = try context.ints("pads"), pads.count == 2 * rank else { return nil }
            amounts = pads
            value = Double(try context.float("value", default: 0))
            return
        }
        guard let listed = context.integers(input: 1) else { return nil }
        if context.hasInput(2) {
            value = context.constant(2)?.doubles.flatMap { $0.count == 1 ? $0[0] : nil }
        } else {
            value = 0
        }
        guard context.hasInput(3) else {
            guard listed.count == 2 * rank else { return nil }
            amounts = listed
            return
        }
        guard let axes = context.integers(input: 3), listed.count == 2 * axes.count else { return nil }
        var all = [Int](repeating: 0, count: 2 * rank)
        for (position, axis) in axes.enumerated() {
            let counted = try context.axis(axis, rank: rank)
            all[counted] = listed[position]
            all[counted + rank] = listed[position + axes.count]
        }
        amounts = all
    }
}
