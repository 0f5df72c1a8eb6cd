import GraphIR

/// The forms of `--recipe calibrated`: their weights are fitted to the source's results.
public enum CalibratedForm: Sendable, Equatable {
    case fixedHidden(FixedHidden)
    case routedHidden(RoutedHidden)
    case fixedChannels(FixedChannels)
    case routedChannels(RoutedChannels)
    case pairedChannels(PairedChannels)
    case dropped(Dropped)

    /// The sizes and facts of the form, whichever it is.
    public var payload: any CalibratedPayload {
        switch self {
        case .fixedHidden(let payload): payload
        case .routedHidden(let payload): payload
        case .fixedChannels(let payload): payload
        case .routedChannels(let payload): payload
        case .pairedChannels(let payload): payload
        case .dropped(let payload): payload
        }
    }

    /// The form as a `BlockForm`.
    public var form: BlockForm { payload.form }

    /// The same form without a bias for each sample.
    public var withoutBias: CalibratedForm {
        switch self {
        case .fixedHidden(var payload):
            payload.units.biasRank = nil
            return .fixedHidden(payload)
        case .routedHidden(var payload):
            payload.units.biasRank = nil
            return .routedHidden(payload)
        case .fixedChannels(var payload):
            payload.body.biasRank = nil
            return .fixedChannels(payload)
        case .routedChannels(var payload):
            payload.body.biasRank = nil
            return .routedChannels(payload)
        case .pairedChannels(var payload):
            payload.body.biasRank = nil
            return .pairedChannels(payload)
        case .dropped: return self
        }
    }
}

/// The payload of a form that calibration can fit.
public protocol CalibratedPayload: BlockPayload {
    /// The strict multiply-accumulates of the block for one sample, its routers and its bias included.
    func macs(of body: BodyMACs) -> Int
}

/// A block with the values that calibration fitted, ready for emission.
public enum FittedBlock: Sendable {
    /// The convolutions of the narrow body, and the constants of the nodes between them that are cut with its
    /// units.
    case fixedHidden(FixedHidden, layers: [ConvolutionWeights], constants: [ConstantPlace: Tensor] = [:])
    /// The convolutions of the whole body, and one router for each hidden layer.
    case routedHidden(RoutedHidden, layers: [ConvolutionWeights], routers: [LinearRouter])
    /// The channels that enter the body, ascending, and the convolutions of the narrow body.
    case fixedChannels(FixedChannels, inputs: [Int], layers: [ConvolutionWeights])
    /// The factor of each channel's mean in its score, and the convolutions of the narrow body.
    case routedChannels(RoutedChannels, gains: [Float], layers: [ConvolutionWeights])
    /// The factor of each channel's mean in its score, the channels of each slot, and the convolutions of the
    /// narrow body.
    case pairedChannels(PairedChannels, gains: [Float], ChannelPairs, layers: [ConvolutionWeights])
    case dropped(Dropped)

    /// The form without its values.
    public var form: CalibratedForm {
        switch self {
        case .fixedHidden(let payload, _, _): .fixedHidden(payload)
        case .routedHidden(let payload, _, _): .routedHidden(payload)
        case .fixedChannels(let payload, _, _): .fixedChannels(payload)
        case .routedChannels(let payload, _, _): .routedChannels(payload)
        case .pairedChannels(let payload, _, _, _): .pairedChannels(payload)
        case .dropped(let payload): .dropped(payload)
        }
    }

    /// The convolutions of the body; none of a block that is left out.
    public var layers: [ConvolutionWeights] {
        switch self {
        case .fixedHidden(_, let layers, _), .routedHidden(_, let layers, _),
            .fixedChannels(_, _, let layers), .routedChannels(_, _, let layers),
            .pairedChannels(_, _, _, let layers):
            layers
        case .dropped: []
        }
    }

    /// The same block with other values of its convolutions, and of the constants between them.
    public func replacing(
        layers: [ConvolutionWeights], constants: [ConstantPlace: Tensor]
    ) -> FittedBlock {
        switch self {
        case .fixedHidden(let form, _, _): .fixedHidden(form, layers: layers, constants: constants)
        case .routedHidden(let form, _, let routers): .routedHidden(form, layers: layers, routers: routers)
        case .fixedChannels(let form, let inputs, _): .fixedChannels(form, inputs: inputs, layers: layers)
        case .routedChannels(let form, let gains, _): .routedChannels(form, gains: gains, layers: layers)
        case .pairedChannels(let form, let gains, let pairs, _):
            .pairedChannels(form, gains: gains, pairs, layers: layers)
        case .dropped: self
        }
    }
}
