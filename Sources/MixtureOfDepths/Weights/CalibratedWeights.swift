import GraphIR

/// The results of calibration: the parameters of every converted block, and those of the standard blocks
/// after them that were refitted.
public struct CalibratedWeights: Sendable {
    /// The converted blocks, keyed by their residual sums (`ConvBlock.closing`).
    public var blocks: [NodeID: FittedBlock]
    /// The biases of converted blocks whose form has one, keyed in the same way.
    public var biases: [NodeID: DynamicBias]
    /// New parameters of convolutions that stay.
    public var refits: [NodeID: ConvolutionWeights]
    /// Of nodes that were fitted together with others, because both use the same weights: the first of them.
    private var originals: [NodeID: NodeID] = [:]

    /// Parameters of blocks by their residual sums, and of convolutions that stay.
    public init(
        blocks: [NodeID: FittedBlock] = [:], biases: [NodeID: DynamicBias] = [:],
        refits: [NodeID: ConvolutionWeights] = [:]
    ) {
        self.blocks = blocks
        self.biases = biases
        self.refits = refits
    }

    /// Gives the parameters of a block, or of convolutions that stay, to another use of their old weights as well.
    ///
    /// - Parameter twins: for each node of the block, the one that stands for it in the other use.
    public mutating func share(_ twins: [NodeID: NodeID]) {
        for (node, twin) in twins {
            originals[twin] = node
            blocks[twin] = blocks[node]?.moved(to: twins)
            biases[twin] = biases[node]
            refits[twin] = refits[node]
        }
    }

    /// The node whose parameters a node shares: itself, if it does not share any.
    func original(of node: NodeID) -> NodeID { originals[node] ?? node }
}

extension FittedBlock {
    /// The same block at other nodes.
    fileprivate func moved(to twins: [NodeID: NodeID]) -> FittedBlock {
        guard case .fixedHidden(let form, let layers, let constants) = self else { return self }
        let moved = constants.map { place, tensor in
            (ConstantPlace(node: twins[place.node] ?? place.node, input: place.input), tensor)
        }
        return .fixedHidden(
            form, layers: layers, constants: Dictionary(moved, uniquingKeysWith: { first, _ in first }))
    }
}

/// The parameters of a convolution.
public struct ConvolutionWeights: Sendable, Equatable {
    /// [outputs, inputs / groups, height, width]
    public var shape: [Int]
    /// The groups of the convolution.
    public var groups = 1
    /// Row-major.
    public var weights: [Float]
    /// One for each output.
    public var bias: [Float]

    /// Parameters of a convolution: [outputs, inputs / groups, height, width], row-major, and a bias for each
    /// output.
    public init(shape: [Int], groups: Int = 1, weights: [Float], bias: [Float]) {
        self.shape = shape
        self.groups = groups
        self.weights = weights
        self.bias = bias
    }

    /// The number of filters.
    public var outputs: Int { shape[0] }
    /// The channels that the convolution reads, over all groups.
    public var inputs: Int { shape[1] * groups }
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
        var groups = 1
        if case .int(let value)? = node.attributes["group"] { groups = max(1, Int(clamping: value)) }
        guard tensor.shape[0] % groups == 0 else { return nil }
        self.init(shape: tensor.shape, groups: groups, weights: weights, bias: bias)
    }

    /// Whether each filter reads one channel, and no two the same.
    public var isDepthwise: Bool { groups > 1 && shape[1] == 1 && outputs == groups }

    /// The filters `outputs`, restricted to the channels `inputs`; nil for all.
    ///
    /// Of a depthwise convolution, both are the same channels; of other groups, both hold as many of each
    /// group.
    public func selecting(outputs chosen: [Int]?, inputs kept: [Int]?) -> ConvolutionWeights {
        let taps = shape[2] * shape[3]
        let rows = chosen ?? Array(0..<outputs)
        let columns = isDepthwise ? rows : kept ?? Array(0..<inputs)
        var result: [Float] = []
        result.reserveCapacity(rows.count * columns.count / groups * taps)
        for row in rows {
            let first = row / (outputs / groups) * shape[1]
            for column in columns where (first..<(first + shape[1])).contains(column) {
                let start = (row * shape[1] + column - first) * taps
                result.append(contentsOf: weights[start..<(start + taps)])
            }
        }
        let count = isDepthwise ? rows.count : groups
        return ConvolutionWeights(
            shape: [rows.count, columns.count / max(1, count), shape[2], shape[3]], groups: count,
            weights: result, bias: rows.map { bias[$0] })
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
