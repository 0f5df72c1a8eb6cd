import GraphIR

/// The sizes of calibrated blocks.
extension Planner {
    func verdict(_ block: ConvBlock, _ recipe: CalibratedRecipe) -> Verdict {
        guard let channels = block.inputChannels else { return .notEligible(.noConvolution) }
        switch LayeredBody.of(block, in: graph) {
        case .failure(let obstacle): return .notEligible(obstacle)
        case .success(let body):
            switch recipe.goal {
            case .budget, .droppedFor: return .open(body)
            case .dropped: return .convert(.calibrated(.dropped(Dropped(channels: channels)), body))
            case .share(let ratio, let reduction):
                // If the way is left open, calibration also tries the others.
                let way = reduction.ways.first ?? .fixedHidden
                return .convert(
                    .calibrated(CalibratedForm(body, channels: channels, reduction, ratio, way), body))
            }
        }
    }
}

extension CalibratedForm {
    /// The form of a block over C channels that is reduced to a share of its channels or units.
    ///
    /// With chosen channels, the body's widths are those of the paper's block. With chosen hidden units, each
    /// hidden layer of W units keeps max(1, floor(W R)), and all inputs and outputs stay. Where all channels
    /// enter the body, none are left to choose: such a block is fixed.
    public init(
        _ body: LayeredBody, channels: Int, _ reduction: BlockReduction, _ ratio: ModRatio,
        _ way: ReductionWay
    ) {
        switch way {
        case .fixedHidden, .routedHidden:
            let units = HiddenUnits(
                channels: channels,
                kept: body.hidden.map {
                    ratio.channels(of: $0).rounded(to: reduction.roundTo, atMost: $0)
                })
            self = way == .fixedHidden ? .fixedHidden(FixedHidden(units)) : .routedHidden(RoutedHidden(units))
        case .fixedChannels, .routedChannels, .pairedChannels:
            let exact = ratio.channels(of: channels)
            let k = exact.rounded(to: reduction.roundTo, atMost: channels)
            let narrow = ChannelBody(
                channels: channels, processed: k, hidden: body.hidden.map { max(1, $0 * k / channels) },
                groups: body.layers.map { _ in 1 }, fused: reduction.fusion == .first ? k : channels,
                unrounded: k == exact ? nil : exact)
            let fixed = CalibratedForm.fixedChannels(FixedChannels(narrow))
            self = fixed.inWay(way) ?? fixed
        }
    }

    /// The form of the same sizes in another way; nil if that way chooses other things, or no channel is left
    /// to choose.
    public func inWay(_ way: ReductionWay) -> CalibratedForm? {
        switch way {
        case .fixedHidden: units.map { .fixedHidden(FixedHidden($0)) }
        case .routedHidden: units.map { .routedHidden(RoutedHidden($0)) }
        case .fixedChannels: narrowBody.map { .fixedChannels(FixedChannels($0)) }
        case .routedChannels: narrowBody.map { .routedChannels(RoutedChannels($0)) }
        case .pairedChannels: narrowBody.flatMap { PairedChannels($0) }.map { .pairedChannels($0) }
        }
    }

    private var units: HiddenUnits? { (payload as? any HiddenForm)?.units }
    private var narrowBody: ChannelBody? { (payload as? any ChannelForm)?.body }
}
