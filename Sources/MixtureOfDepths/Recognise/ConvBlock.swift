import GraphIR

/// A residual Conv-Block that was found in a graph: body and shortcut from one input to one Add.
public struct ConvBlock: Sendable {
    /// The body's family, by the kernels and widths of its convolutions.
    public enum Kind: String, Sendable {
        /// Two convolutions with a spatial kernel.
        case basic
        /// 1x1 down, spatial, 1x1 up.
        case bottleneck
        /// 1x1 up, depthwise, 1x1 down (MobileNetV2).
        case invertedResidual = "inverted residual"
        /// Any other chain of convolutions.
        case other = "convolution chain"
    }

    /// Where the block's activation stands.
    public enum Activation: String, Sendable {
        /// A Relu after the Add.
        case post
        /// None after the Add: the body starts with its own (pre-activation), or has a linear end.
        case pre
    }

    public enum Shortcut: String, Sendable {
        case identity, projection
    }

    /// The scope that names of the block's nodes share, such as `/layer3/layer3.1`.
    public let scope: String
    public let kind: Kind
    public let activation: Activation
    public let shortcut: Shortcut
    /// The Add that joins body and shortcut.
    public let add: NodeID
    /// The Relu after the Add, in post-activation blocks.
    public let finalRelu: NodeID?
    /// The residual stream that enters, [N, C, H, W].
    public let input: ValueID
    /// The value that leaves: the Add's output, or that of the Relu after it.
    public let output: ValueID
    /// The nodes of the body in order, from the first reader of `input` to the Add.
    public let body: [NodeID]
    /// The nodes of the shortcut in order; empty if it is the identity.
    public let shortcutNodes: [NodeID]
    /// C of the block's input; nil if it is not static.
    public let inputChannels: Int?
    /// C of the block's output; nil if it is not static.
    public let outputChannels: Int?
    /// The product of the body's strides along each spatial axis, at the largest.
    public let stride: Int
    /// Why the block cannot be replaced whatever its place; nil if it can.
    public let obstacle: Obstacle?

    /// All nodes of the block: body, shortcut, Add and the Relu after it.
    public var nodes: [NodeID] { body + shortcutNodes + [add] + (finalRelu.map { [$0] } ?? []) }
}

/// Why a block cannot be replaced by a MoD block.
public enum Obstacle: Error, Sendable, Equatable, CustomStringConvertible {
    case stride(Int)
    case widthChange(from: Int, to: Int)
    case projection
    case dynamicShape(String)
    case severalConsumers(String, Int)
    case graphOutput(String)
    case unknownNode(String)
    case squeezeExcitation(String)
    case noConvolution
    case nonConstantWeights(String)
    case notTwoDimensional
    case groupedEnd

    public var description: String {
        switch self {
        case .stride(let stride): "stride \(stride)"
        case .widthChange(let from, let to): "width changes from \(from) to \(to)"
        case .projection: "its shortcut is not the identity"
        case .dynamicShape(let value): "shape of \"\(value)\" is not static"
        case .severalConsumers(let value, let count): "\(value) has \(count) consumers"
        case .graphOutput(let value): "inner value \"\(value)\" is a graph output"
        case .unknownNode(let label): "the body holds \(label)"
        case .squeezeExcitation(let label): "squeeze-and-excitation in its body, at \(label)"
        case .noConvolution: "the body has no convolution"
        case .nonConstantWeights(let label): "the weights of \(label) are not constant"
        case .groupedEnd: "its first or last convolution is grouped"
        case .notTwoDimensional: "it is not a block of 2-D feature maps"
        }
    }
}

/// Consecutive blocks of one output width: the paper's module.
public struct Stage: Sendable {
    public let index: Int
    public let blocks: [ConvBlock]
}
