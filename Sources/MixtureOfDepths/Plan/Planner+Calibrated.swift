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
                // If the chooser is left open, calibration also tries the others.
                let chooser = reduction.choosers.first ?? .nobody
                return .convert(
                    .calibrated(
                        CalibratedForm(body, channels: channels, reduction, ratio, chooser), body))
            }
        }
    }
}

extension CalibratedForm {
    /// The form of a block over C channels that is reduced to a share of its channels or units.
    ///
    /// With chosen channels, the body's widths are those of the paper's block. With chosen hidden units, each
    /// hidden layer of W units keeps max(1, floor(W R)), and all inputs and outputs stay.
    public init(
        _ body: LayeredBody, channels: Int, _ reduction: BlockReduction, _ ratio: ModRatio, _ chooser: Chooser
    ) {
        switch reduction.units {
        case .hidden:
            let units = HiddenUnits(
                channels: channels,
                kept: body.hidden.map {
                    ratio.channels(of: $0).rounded(to: reduction.roundTo, atMost: $0)
                })
            switch chooser {
            case .nobody: self = .fixedHidden(FixedHidden(units))
            case .router: self = .routedHidden(RoutedHidden(units))
            }
        case .channels(let fusion):
            let exact = ratio.channels(of: channels)
            let k = exact.rounded(to: reduction.roundTo, atMost: channels)
            let narrow = ChannelBody(
                channels: channels, processed: k, hidden: body.hidden.map { max(1, $0 * k / channels) },
                groups: body.layers.map { _ in 1 }, fused: fusion == .first ? k : channels,
                unrounded: k == exact ? nil : exact)
            switch chooser {
            case .nobody: self = .fixedChannels(FixedChannels(narrow))
            case .router: self = .routedChannels(RoutedChannels(narrow))
            }
        }
    }

    /// The same sizes with another chooser; a dropped block has no chooser.
    public func chosen(by chooser: Chooser) -> CalibratedForm {
        switch (self, chooser) {
        case (.fixedHidden(let form), .router): .routedHidden(RoutedHidden(form.units))
        case (.routedHidden(let form), .nobody): .fixedHidden(FixedHidden(form.units))
        case (.fixedChannels(let form), .router): .routedChannels(RoutedChannels(form.body))
        case (.routedChannels(let form), .nobody): .fixedChannels(FixedChannels(form.body))
        case (.fixedHidden, .nobody), (.routedHidden, .router), (.fixedChannels, .nobody),
            (.routedChannels, .router), (.dropped, _):
            self
        }
    }
}
