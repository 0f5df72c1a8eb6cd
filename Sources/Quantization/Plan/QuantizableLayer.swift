import Calibration
import GraphIR
import MixtureOfDepths
import Operators

/// A layer whose weights can become integers: a 2-D convolution, or a Gemm that is y = x W + b.
struct QuantizableLayer: ScheduleStation {
    let node: NodeID
    /// Of a convolution; nil for a fully connected layer.
    let window: Window?
    let input: ValueID
    /// The result, before any activation.
    let output: ValueID
    /// Whether the weights are [outputs, ...]; otherwise [inputs, outputs].
    let hasOutputsFirst: Bool

    var nodes: [NodeID] { [node] }
    var inputs: [ValueID] { [input] }
    var outputs: [ValueID] { [output] }

    /// - Returns: nil if the node is no such layer, or its weights are not constant floats.
    init?(_ id: NodeID, in graph: Graph) {
        let node = graph[id]
        guard node.domain.isEmpty, let input = node.input(0), let output = node.output(0),
            graph[input].constant == nil, let weights = graph.constant(node.input(1)),
            weights.elementType == .float32, node.input(2) == nil || graph.constant(node.input(2)) != nil
        else { return nil }
        switch node.operatorType {
        case "Conv":
            guard weights.rank == 4, let window = graph.window(of: id) else { return nil }
            (self.window, hasOutputsFirst) = (window, true)
        case "Gemm":
            let context = OperatorContext(graph: graph, node: node)
            guard weights.rank == 2, (try? context.flag("transA", default: false)) == false,
                (try? context.float("alpha", default: 1)) == 1, (try? context.float("beta", default: 1)) == 1,
                let isTransposed = try? context.flag("transB", default: false)
            else { return nil }
            let outputs = weights.shape[isTransposed ? 0 : 1]
            if let bias = graph.constant(node.input(2)), bias.elementCount != outputs { return nil }
            (window, hasOutputsFirst) = (nil, isTransposed)
        default: return nil
        }
        (self.node, self.input, self.output) = (id, input, output)
    }

    /// The weights as [outputs, inputs / groups, height, width], and the bias.
    func weights(in graph: Graph) -> ConvolutionWeights? {
        if window != nil { return ConvolutionWeights(of: node, in: graph) }
        guard let tensor = graph.constant(graph[node].input(1)), let values = tensor.floats else {
            return nil
        }
        let (outputs, inputs) =
            hasOutputsFirst ? (tensor.shape[0], tensor.shape[1]) : (tensor.shape[1], tensor.shape[0])
        let bias = graph.constant(graph[node].input(2))?.floats ?? [Float](repeating: 0, count: outputs)
        return ConvolutionWeights(
            shape: [outputs, inputs, 1, 1],
            weights: hasOutputsFirst ? values : values.transposed(rows: inputs, columns: outputs), bias: bias)
    }
}

extension Array {
    /// A row-major matrix, transposed.
    func transposed(rows: Int, columns: Int) -> [Element] {
        var result: [Element] = []
        result.reserveCapacity(count)
        for column in 0..<columns {
            for row in 0..<rows { result.append(self[row * columns + column]) }
        }
        return result
    }
}
