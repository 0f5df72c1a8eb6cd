import GraphIR

/// A Conv-Block of a graph: body and shortcut from one input to one Add, or a body alone.
public struct ConvBlock: Sendable {
    /// The body's family, by the kernels and widths of its convolutions.
    public enum Kind: String, Sendable {
        /// Two convolutions with a spatial kernel.
        case basic
        /// 1x1 down, spatial, 1x1 up.
        case bottleneck
        /// 1x1 up, depthwise, 1x1 down (MobileNetV2).
        case invertedResidual = "inverted residual"
        /// Depthwise, normalisation over the channels, 1x1 up, 1x1 down.
        case convNeXt = "ConvNeXt"
        /// One convolution of a network without shortcuts (VGG).
        case plain
        /// Any other chain of convolutions.
        case other = "convolution chain"
    }

    /// The place of the block's activation.
    public enum Activation: String, Sendable {
        /// An activation after the Add, or at the end of a body without a shortcut.
        case post
        /// No activation at the end: the body starts with its own (pre-activation), or ends linearly.
        case pre
    }

    /// The path of the block's input to the Add.
    public enum Shortcut: String, Sendable {
        case identity, projection
        /// The block has no Add.
        case none
    }

    /// The scope that the names of the block's nodes share, such as `/layer3/layer3.1`; unique among blocks.
    public internal(set) var scope: String
    /// The body's family.
    public let kind: Kind
    /// The place of the block's activation.
    public let activation: Activation
    /// The path of the block's input to the Add.
    public let shortcut: Shortcut
    /// The Add that joins body and shortcut; without a shortcut, the body's last node.
    public let closing: NodeID
    /// The nodes of the activation after the Add in order; empty if there is none.
    public let finalActivation: [NodeID]
    /// The residual stream at the block's input, [N, C, H, W].
    public let input: ValueID
    /// The block's output: that of the closing node, or of the activation after it.
    public let output: ValueID
    /// The nodes of the body in order, from the first reader of `input` on.
    public let body: [NodeID]
    /// The nodes of the shortcut in order; empty if it is the identity.
    public let shortcutNodes: [NodeID]
    /// C of the block's input; nil if it is not static.
    public let inputChannels: Int?
    /// C of the block's output; nil if it is not static.
    public let outputChannels: Int?
    /// The largest, over the spatial axes, of the product of the body's strides.
    public let stride: Int
    /// Why the block cannot be replaced at any position; nil if it can.
    public let obstacle: Obstacle?
    /// Why its hidden units cannot be cut; nil if they can. Inputs and outputs stay, so neither a stride nor a
    /// projection nor a missing shortcut is a reason.
    public let hiddenObstacle: Obstacle?

    /// The Add that joins body and shortcut; nil if there is no shortcut.
    public var add: NodeID? { shortcut == .none ? nil : closing }

    /// All nodes of the block: body, shortcut, Add and the activation after it.
    public var nodes: [NodeID] { body + shortcutNodes + (add.map { [$0] } ?? []) + finalActivation }
}

extension Graph {
    /// The constants that nodes read, node by node.
    package func constants(readBy nodes: [NodeID]) -> [ValueID] {
        nodes.flatMap { self[$0].inputs.compactMap { $0 }.filter { self[$0].constant != nil } }
    }
}

/// Why a block cannot be replaced by a MoD block.
public enum Obstacle: Error, Sendable, Equatable, CustomStringConvertible {
    case stride(Int)
    case widthChange(from: Int, to: Int)
    case projection
    case noShortcut
    case dynamicShape(String)
    case severalConsumers(String, Int)
    case graphOutput(String)
    case unknownNode(String)
    case squeezeExcitation(String)
    case noConvolution
    case nonConstantWeights(String)
    case trainingMode(String)
    case notTwoDimensional
    case groupedEnd
    case groupedBody
    case noHiddenLayer
    case quantised

    public var description: String {
        switch self {
        case .stride(let stride): "stride \(stride)"
        case .widthChange(let from, let to): "width changes from \(from) to \(to)"
        case .projection: "its shortcut is not the identity"
        case .noShortcut: "it has no shortcut"
        case .dynamicShape(let value): "shape of \"\(value)\" is not static"
        case .severalConsumers(let value, let count): "\(value) has \(count) consumers"
        case .graphOutput(let value): "inner value \"\(value)\" is a graph output"
        case .unknownNode(let label): "the body holds \(label)"
        case .squeezeExcitation(let label):
            "channel attention (squeeze-and-excitation or alike) in its body, at \(label)"
        case .noConvolution: "the body has no convolution"
        case .nonConstantWeights(let label): "the weights of \(label) are not constant"
        case .trainingMode(let label): "exported in training mode, as \(label) shows"
        case .groupedEnd: "its first or last convolution is grouped"
        case .groupedBody: "grouped convolutions, of which calibration cuts only hidden units, fixed"
        case .quantised: "its layers are quantised"
        case .noHiddenLayer: "no units between two convolutions"
        case .notTwoDimensional: "it is not a block of 2-D feature maps"
        }
    }
}

/// Consecutive blocks of one output width: the paper calls this a module.
public struct Stage: Sendable {
    /// The stage's place in the network, from 0.
    public let index: Int
    /// In topological order.
    public let blocks: [ConvBlock]
}
