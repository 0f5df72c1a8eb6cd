import GraphIR
import MixtureOfDepths
import Operators

/// The integers of a layer.
struct IntegerWeights: Sendable, Equatable {
    /// [outputs, inputs / groups, height, width], row-major.
    let weights: [Int8]
    /// Of each output.
    let scales: [Float]
    /// In steps of the input's scale times the output's.
    let bias: [Int32]
    /// The shape of `weights`.
    let shape: [Int]

    /// The float weights and bias that the integers stand for.
    ///
    /// - Parameter input: the scale of the layer's input.
    func dequantized(groups: Int, input: Float) -> ConvolutionWeights {
        let filter = max(1, weights.count / max(1, scales.count))
        return ConvolutionWeights(
            shape: shape, groups: groups,
            weights: weights.enumerated().map { Float($0.element) * scales[$0.offset / filter] },
            bias: zip(bias, scales).map { Float(Double($0) * Double(input * $1)) })
    }
}

/// Gives layers integer weights.
///
///     before: Conv(x, W, b)
///     after:  Conv(x, DequantizeLinear(W/quantized, W/scale), DequantizeLinear(b/quantized, b/scale))
///
/// Weights are int8, zero point 0, with a scale for each output; biases are int32 in steps of the input's scale times
/// the weights', as QLinearConv and its relatives take them.
struct WeightPairs {
    /// A graph whose activations have their pairs already.
    let graph: Graph

    /// The graph, with integers for these layers. Their inputs must be results of DequantizeLinear.
    func replaced(_ layers: [(layer: QuantizableLayer, weights: IntegerWeights)]) throws -> Graph {
        var edit = GraphEdit(graph)
        for (layer, integers) in layers {
            guard let pair = graph.producer(of: graph[layer.node].input(0) ?? layer.input),
                let step = graph.constant(pair.input(1))?.floats?.first
            else { throw QuantizationError.unreachable(graph.label(of: graph[layer.node])) }
            try replace(layer, integers, step, &edit)
        }
        return try ShapeInference.infer(try edit.commit())
    }

    private func replace(
        _ layer: QuantizableLayer, _ integers: IntegerWeights, _ step: Float, _ edit: inout GraphEdit
    ) throws {
        let node = graph[layer.node]
        let old = (weights: node.input(1), bias: node.input(2))
        let (outputs, filter) = (
            integers.scales.count, integers.weights.count / max(1, integers.scales.count)
        )
        let axis = layer.hasOutputsFirst ? 0 : 1
        let weights: Tensor
        if layer.window != nil {
            weights = try Tensor(shape: integers.shape, integers.weights)
        } else if layer.hasOutputsFirst {
            weights = try Tensor(shape: [outputs, filter], integers.weights)
        } else {
            weights = try Tensor(
                shape: [filter, outputs], integers.weights.transposed(rows: outputs, columns: filter))
        }
        let name = old.weights.map { graph[$0].name } ?? "weight"
        let bias = old.bias.map { graph[$0].name } ?? "\(name)/bias"
        let zeros = [Int8](repeating: 0, count: outputs)
        let dequantized = try pair(
            name, weights, Tensor(integers.scales), Tensor(zeros), axis: axis, &edit)
        let offsets = try pair(
            bias, Tensor(integers.bias), Tensor(integers.scales.map { step * $0 }),
            Tensor([Int32](repeating: 0, count: outputs)), axis: 0, &edit)
        edit.setInput(layer.node, 1, dequantized)
        edit.setInput(layer.node, 2, offsets)
        for case let value? in [old.weights, old.bias] where edit.graph[value].useCount == 0 {
            try edit.removeValue(value)
        }
    }

    private func pair(
        _ name: String, _ integers: Tensor, _ scales: Tensor, _ zeros: Tensor, axis: Int,
        _ edit: inout GraphEdit
    ) throws -> ValueID {
        let parameters = [
            try edit.addInitializer(edit.uniqueName("\(name)/quantized"), integers),
            try edit.addInitializer(edit.uniqueName("\(name)/scale"), scales),
            try edit.addInitializer(edit.uniqueName("\(name)/zero_point"), zeros),
        ]
        return try edit.add(
            "DequantizeLinear", parameters, output: edit.uniqueName("\(name)/dequantized"),
            attributes: ["axis": .int(Int64(axis))])
    }
}
