import GraphIR

/// The sizes of calibrated blocks.
extension Planner {
    func verdict(_ block: ConvBlock, _ recipe: CalibratedRecipe) -> Verdict {
        guard let channels = block.inputChannels else { return .notEligible(.noConvolution) }
        let body: LayeredBody
        switch LayeredBody.of(block, in: graph) {
        case .failure(let obstacle): return .notEligible(obstacle)
        case .success(let found): body = found
        }
        guard let reduction = recipe.reduction else {
            if let obstacle = block.dropObstacle(in: graph) { return .notEligible(obstacle) }
            if case .droppedFor = recipe.goal { return .open(body) }
            return .convert(.calibrated(.dropped(Dropped(channels: channels)), body))
        }
        // If several ways are left, calibration tries all of them.
        let ways = reduction.ways.filter { $0.obstacle(block, body) == nil }
        guard let way = ways.first else {
            return .notEligible(
                reduction.ways.first?.obstacle(block, body) ?? .noHiddenLayer)
        }
        guard case .share(let ratio, _) = recipe.goal else { return .open(body) }
        return .convert(
            .calibrated(CalibratedForm(body, block, reduction, ratio, way, bias: recipe.bias), body))
    }
}

extension Recipe {
    /// Why no conversion by this recipe can replace the block; nil if one can.
    func obstacle(of block: ConvBlock) -> Obstacle? {
        cutsHiddenUnits ? block.hiddenObstacle : block.obstacle
    }

    /// Whether blocks may lose hidden units alone, the same for every sample.
    var cutsHiddenUnits: Bool {
        guard case .calibrated(let recipe, _) = self else { return false }
        return recipe.reduction?.ways.contains(.fixedHidden) == true
    }
}

extension CalibratedForm {
    /// The form of a block over C channels that is reduced to a share of its channels or units.
    ///
    /// With chosen channels, the body's widths are those of the paper's block. With chosen hidden units, each
    /// hidden layer of W units keeps max(1, floor(W R)), and all inputs and outputs stay. Where all channels
    /// enter the body, none are left to choose: such a block is fixed. Of the units of groups, whole multiples
    /// of the groups stay.
    ///
    /// - Parameter bias: at most as many features of a sample as channels enter the body.
    public init(
        _ body: LayeredBody, _ block: ConvBlock, _ reduction: BlockReduction, _ ratio: ModRatio,
        _ way: ReductionWay, bias: BiasChoice
    ) {
        let channels = block.inputChannels ?? 0
        let rank = bias.rank.map { min($0, body.layers[0].weightShape[1]) }
        switch way {
        case .fixedHidden, .routedHidden:
            let kept = body.hidden.enumerated().map { index, width in
                let count = ratio.channels(of: width).rounded(to: reduction.roundTo, atMost: width)
                return count.rounded(to: body.parts(ofHidden: index), atMost: width)
            }
            let groups = body.layers.enumerated().map { index, layer in
                layer.isDepthwise ? kept[index] : layer.groups
            }
            let units = HiddenUnits(
                channels: channels, outputs: block.outputChannels, kept: kept, groups: groups,
                biasRank: rank)
            self = way == .fixedHidden ? .fixedHidden(FixedHidden(units)) : .routedHidden(RoutedHidden(units))
        case .fixedChannels, .routedChannels, .pairedChannels:
            let exact = ratio.channels(of: channels)
            let k = exact.rounded(to: reduction.roundTo, atMost: channels)
            let narrow = ChannelBody(
                channels: channels, processed: k, hidden: body.hidden.map { max(1, $0 * k / channels) },
                groups: body.layers.map { _ in 1 }, fused: reduction.fusion == .first ? k : channels,
                unrounded: k == exact ? nil : exact, biasRank: rank)
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

extension LayeredBody {
    /// The parts of equal size that a choice of a hidden layer's units must respect: the groups of the layer,
    /// or of the one that reads it.
    public func parts(ofHidden index: Int) -> Int { max(layers[index].parts, layers[index + 1].parts) }
}
