import GraphIR
import Operators

/// The constants of a BatchNormalization that computes y = factor * (x - mean) + shift per channel.
struct BatchNormalizationParameters {
    /// scale / sqrt(var + epsilon)
    let factors: [Double]
    let means: [Double]
    let shifts: [Double]

    var channels: Int { factors.count }

    /// Reads the parameters of a node, if
    /// 1. the opset is 7 or later (before, `is_test` chose between training and inference), and `spatial`,
    ///    which opsets 7 and 8 have, is 1,
    /// 2. it is in inference mode: no output but the first, `training_mode` 0 (opset 14),
    /// 3. scale, B, mean and var are constant vectors of one length, and var + epsilon is positive.
    init?(_ node: Node, in graph: Graph) throws {
        let context = OperatorContext(graph: graph, node: node)
        guard context.opset >= 7, try context.int("spatial", default: 1) == 1,
            try context.int("training_mode", default: 0) == 0,
            node.outputs.dropFirst().allSatisfy({ $0 == nil })
        else { return nil }
        let epsilon = Double(try context.float("epsilon", default: 1e-5))
        let vectors = (1...4).map { context.constant($0)?.doubles ?? [] }
        let (scale, shift, mean, variance) = (vectors[0], vectors[1], vectors[2], vectors[3])
        guard !scale.isEmpty, vectors.allSatisfy({ $0.count == scale.count }),
            variance.allSatisfy({ $0 + epsilon > 0 })
        else { return nil }
        factors = zip(scale, variance).map { $0 / ($1 + epsilon).squareRoot() }
        means = mean
        shifts = shift
    }

    /// The term added after the multiplication: shift - factor * mean.
    var offsets: [Double] { factors.indices.map { shifts[$0] - factors[$0] * means[$0] } }
}
