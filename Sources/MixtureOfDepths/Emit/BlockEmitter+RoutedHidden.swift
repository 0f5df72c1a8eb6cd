import GraphIR
import Operators

/// Hidden units that each sample chooses; their weights are gathered at run time.
///
///     features --> GAP --> Conv 1x1 (router, all hidden layers) --> scores --> top-k --> indices by layer
///     indices  --> Gather --> W of each sample --> MatMul with the columns of the layer's input
///
/// Convolutions whose weights differ from sample to sample are written as batched matrix products, which are
/// correct for any batch. A layer of several taps stacks the shifted maps first (im2col). Tables are stored
/// with the gathered units outermost.
extension BlockEmitter {
    /// The body's convolutions, each with the weights of the units chosen before and after it.
    mutating func emitGatheredLayers(
        _ body: LayeredBody, _ layers: [ConvolutionWeights], _ chosen: [ChosenUnits], on features: ValueID,
        channels stream: Int
    ) throws -> (ValueID, [WeightTable]) {
        guard let (height, width) = build.extents(of: features) else {
            throw ConversionError.openExtents(build.name(features))
        }
        var tables: [WeightTable] = []
        var value = features
        var channels = stream
        for (position, layer) in body.layers.enumerated() {
            let path = "body/conv\(position + 1)"
            let parameters = layers[position]
            let isLast = position == body.layers.count - 1
            guard let window = build.edit.graph.window(of: layer.convolution), window.strides == [1, 1] else {
                throw ConversionError.notAsPlanned(
                    block.scope,
                    .unknownNode(build.edit.graph.label(of: build.edit.graph[layer.convolution])))
            }
            let columns = try emitColumns(
                value, window, channels: channels, height: height, width: width, path)
            let outputs = isLast ? nil : chosen[position]
            let weights = try emitGatheredWeights(
                parameters, path, inputs: position == 0 ? nil : chosen[position - 1], outputs: outputs)
            let bias = try emitGatheredBias(parameters, path, outputs)
            let product = try build.add("MatMul", [weights.value, columns], path)
            value = try activate(try build.add("Add", [product, bias.value], path), layer, position)
            if let gates = outputs?.gates {
                value = try build.add("Mul", [value, gates], "body/gate\(position + 1)")
            }
            channels = outputs?.count ?? stream
            tables.append(
                WeightTable(
                    weights: weights.table, bias: bias.table, shape: parameters.shape,
                    pads: window.padBegin, dilations: window.dilations))
        }
        value = try build.reshape(value, [0, Int64(channels), Int64(height), Int64(width)], "body/maps")
        return (value, tables)
    }

    /// The units of a hidden layer that each sample computes.
    struct ChosenUnits {
        /// [N, count], ascending
        let indices: ValueID
        let count: Int
        let names: ChoiceValues
        /// The factors on their activations, [N, count, 1]; nil for none.
        var gates: ValueID?
    }

    /// One router convolution for each hidden layer on the pooled features, and the units with the highest
    /// scores.
    mutating func emitRouters(
        _ routers: [LinearRouter], _ form: RoutedHidden, on features: ValueID
    ) throws -> [ChosenUnits] {
        let pooled = try build.add("GlobalAveragePool", [features], "router")
        return try routers.enumerated().map { position, router in
            let path = "router/hidden\(position + 1)"
            let weights = try build.weight(
                "\(path)/weight", try tensor(router.weights, [router.units, form.channels, 1, 1]))
            let bias = try build.weight("\(path)/bias", try tensor(router.bias, [router.units]))
            let scores = try build.add("Conv", [pooled, weights, bias], path, .pointwise)
            let count = form.hidden[position]
            let indices = try chooseHighest(scores, count, of: router.units, in: "\(path)/")
            return ChosenUnits(
                indices: try build.reshape(indices, [0, Int64(count)], "\(path)/indices"), count: count,
                names: ChoiceValues(scores: build.name(scores), indices: build.name(indices)))
        }
    }

    /// The matrix that the layer's filters are multiplied with, [N, inputs * taps, height * width], input
    /// channel outermost.
    private mutating func emitColumns(
        _ value: ValueID, _ window: Window, channels: Int, height: Int, width: Int, _ path: String
    ) throws -> ValueID {
        let (rows, columns) = (window.kernel[0], window.kernel[1])
        let pixels = Int64(height * width)
        guard rows * columns > 1 else {
            return try build.reshape(value, [0, Int64(channels), pixels], "\(path)/columns")
        }
        let maps = try build.reshape(
            value, [0, Int64(channels), 1, Int64(height), Int64(width)], "\(path)/maps")
        let pads = [0, 0, 0] + window.padBegin + [0, 0, 0] + window.padEnd
        let padded = try build.add(
            "Pad", [maps, try build.constant("\(path)/pads", Tensor(pads.map(Int64.init)))], "\(path)/pad")
        let axes = try build.constant("\(path)/axes", Tensor([Int64(3), 4]))
        var shifted: [ValueID] = []
        for row in 0..<rows {
            for column in 0..<columns {
                let start = [row * window.dilations[0], column * window.dilations[1]]
                let tap = "\(path)/tap\(row)\(column)"
                let starts = try build.constant("\(tap)/starts", Tensor(start.map(Int64.init)))
                let ends = try build.constant(
                    "\(tap)/ends", Tensor([Int64(start[0] + height), Int64(start[1] + width)]))
                shifted.append(try build.add("Slice", [padded, starts, ends, axes], tap))
            }
        }
        let stacked = try build.add("Concat", shifted, "\(path)/taps", ["axis": .int(2)])
        return try build.reshape(stacked, [0, Int64(channels * rows * columns), pixels], "\(path)/columns")
    }

    /// The gathered value, and the name of the constant it was gathered from.
    private typealias Gathered = (value: ValueID, table: String)

    /// The filters of each sample, [N, outputs, inputs * taps].
    private mutating func emitGatheredWeights(
        _ parameters: ConvolutionWeights, _ path: String, inputs: ChosenUnits?, outputs: ChosenUnits?
    ) throws -> Gathered {
        let taps = parameters.shape[2] * parameters.shape[3]
        func table(_ values: [Float], _ rows: Int) throws -> ValueID {
            try build.weight("\(path)/table", tensor(values, [rows, values.count / max(1, rows)]))
        }
        switch (inputs, outputs) {
        case (nil, let outputs?):
            let filters = try table(parameters.weights, parameters.outputs)
            return (
                try build.add("Gather", [filters, outputs.indices], path, ["axis": .int(0)]),
                build.name(filters)
            )
        case (let inputs?, let outputs?):
            // Row o * inputs + i of the table holds the taps from input i to output o.
            let pairs = try table(parameters.weights, parameters.outputs * parameters.inputs)
            let stride = try build.constant("\(path)/stride", Tensor(scalar: Int64(parameters.inputs)))
            let starts = try build.add("Mul", [outputs.indices, stride], "\(path)/rows")
            let (k, depth) = (Int64(outputs.count), Int64(inputs.count))
            let column = try build.reshape(starts, [0, k, 1], "\(path)/rows/column")
            let row = try build.reshape(inputs.indices, [0, 1, depth], "\(path)/rows/row")
            let rows = try build.add("Add", [column, row], "\(path)/rows")
            let gathered = try build.add("Gather", [pairs, rows], path, ["axis": .int(0)])
            return (
                try build.reshape(gathered, [0, k, depth * Int64(taps)], "\(path)/filters"), build.name(pairs)
            )
        case (let inputs?, nil):
            let columns = try table(parameters.inputsOutermost, parameters.inputs)
            let gathered = try build.add("Gather", [columns, inputs.indices], path, ["axis": .int(0)])
            let (depth, filters) = (Int64(inputs.count), Int64(parameters.outputs))
            let cut = try build.reshape(gathered, [0, depth, filters, Int64(taps)], "\(path)/rows")
            let turned = try build.add("Transpose", [cut], path, ["perm": .ints([0, 2, 1, 3])])
            let shape = [0, filters, depth * Int64(taps)]
            return (try build.reshape(turned, shape, "\(path)/filters"), build.name(columns))
        case (nil, nil): throw ConversionError.notAsPlanned(block.scope, .noHiddenLayer)
        }
    }

    /// The biases of each sample's units, [N, outputs, 1], or of all outputs, [1, outputs, 1].
    private mutating func emitGatheredBias(
        _ parameters: ConvolutionWeights, _ path: String, _ outputs: ChosenUnits?
    ) throws -> Gathered {
        guard let outputs else {
            let bias = try build.constant(
                "\(path)/bias", tensor(parameters.bias, [1, parameters.outputs, 1]))
            return (bias, build.name(bias))
        }
        // A vector that equals a convolution's bias would be merged with it by quantizers, and become int32.
        let table = try build.constant(
            "\(path)/bias/table", tensor(parameters.bias, [parameters.outputs, 1]))
        return (
            try build.add("Gather", [table, outputs.indices], "\(path)/bias", ["axis": .int(0)]),
            build.name(table)
        )
    }
}

extension ConvolutionWeights {
    /// The weights as [inputs, outputs, height, width].
    var inputsOutermost: [Float] {
        let taps = shape[2] * shape[3]
        var result: [Float] = []
        result.reserveCapacity(weights.count)
        for input in 0..<inputs {
            for output in 0..<outputs {
                let start = (output * inputs + input) * taps
                result.append(contentsOf: weights[start..<(start + taps)])
            }
        }
        return result
    }
}

extension Graph {
    /// The window of a convolution; nil if its padding is not known.
    public func window(of convolution: NodeID) -> Window? {
        let node = self[convolution]
        guard let weights = constant(node.input(1)), weights.rank == 4 else { return nil }
        let context = OperatorContext(graph: self, node: node)
        let input = node.input(0).flatMap { self[$0].shape }?.dims.suffix(2).map(\.value) ?? []
        return try? Window(context, kernel: Array(weights.shape.suffix(2)), input: input)
    }
}
