import GraphIR

/// The results of calibration: the parameters of every converted block, and those of the standard blocks
/// after them that were refitted.
public struct CalibratedWeights: Sendable {
    /// The converted blocks, keyed by their residual sums (`ConvBlock.closing`).
    public var blocks: [NodeID: FittedBlock]
    /// New parameters of convolutions that stay.
    public var refits: [NodeID: ConvolutionWeights]

    /// Parameters of blocks by their residual sums, and of convolutions that stay.
    public init(blocks: [NodeID: FittedBlock] = [:], refits: [NodeID: ConvolutionWeights] = [:]) {
        self.blocks = blocks
        self.refits = refits
    }
}

/// The parameters of a convolution.
public struct ConvolutionWeights: Sendable, Equatable {
    /// [outputs, inputs, height, width]
    public var shape: [Int]
    /// Row-major.
    public var weights: [Float]
    /// One for each output.
    public var bias: [Float]

    /// Parameters of a convolution: [outputs, inputs, height, width], row-major, and a bias for each output.
    public init(shape: [Int], weights: [Float], bias: [Float]) {
        self.shape = shape
        self.weights = weights
        self.bias = bias
    }

    /// The number of filters.
    public var outputs: Int { shape[0] }
    /// The channels that a filter reads.
    public var inputs: Int { shape[1] }
    /// Elements of a filter: inputs * height * width.
    public var filter: Int { shape[1...].reduce(1, *) }

    /// The parameters of a convolution of `graph`; a missing bias is zero.
    ///
    /// - Returns: nil if the node is not a convolution with constant floating-point weights.
    public init?(of convolution: NodeID, in graph: Graph) {
        let node = graph[convolution]
        guard node.isOperator("Conv"), let tensor = graph.constant(node.input(1)), tensor.rank == 4,
            let weights = tensor.floats
        else { return nil }
        var bias = [Float](repeating: 0, count: tensor.shape[0])
        if let present = node.input(2) {
            guard let values = graph.constant(present)?.floats, values.count == bias.count else { return nil }
            bias = values
        }
        self.init(shape: tensor.shape, weights: weights, bias: bias)
    }

    /// The filters `outputs`, restricted to the channels `inputs`.
    public func selecting(outputs chosen: [Int]?, inputs kept: [Int]?) -> ConvolutionWeights {
        let taps = shape[2] * shape[3]
        let rows = chosen ?? Array(0..<outputs)
        let columns = kept ?? Array(0..<inputs)
        var result: [Float] = []
        result.reserveCapacity(rows.count * columns.count * taps)
        for row in rows {
            for column in columns {
                let start = (row * inputs + column) * taps
                result.append(contentsOf: weights[start..<(start + taps)])
            }
        }
        return ConvolutionWeights(
            shape: [rows.count, columns.count, shape[2], shape[3]], weights: result,
            bias: rows.map { bias[$0] })
    }
}

/// score = W GAP(a) + b, over the mean of each channel of the body's input.
public struct LinearRouter: Sendable {
    /// [units, channels], row-major
    public let weights: [Float]
    /// [units]
    public let bias: [Float]

    /// A router with weights [units, channels] and a bias for each unit.
    public init(weights: [Float], bias: [Float]) {
        self.weights = weights
        self.bias = bias
    }

    /// The number of scores.
    public var units: Int { bias.count }
}
