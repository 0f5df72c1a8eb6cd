import GraphIR

/// The sizes of blocks to be trained.
extension Planner {
    func verdict(_ block: ConvBlock, _ recipe: PaperRecipe) -> Verdict {
        guard let channels = block.inputChannels, let layers = BodyLayer.layers(of: block.body, in: graph)
        else { return .notEligible(.noConvolution) }
        switch recipe.route {
        case .channels:
            let body = Planner.paperBody(channels, layers, recipe)
            switch recipe.router {
            case .topk:
                return .convert(
                    .trainable(
                        .routedPaper(RoutedPaper(body, selectorHidden: recipe.selectorHidden(channels)))))
            case .fixed: return .convert(.trainable(.fixedPaper(FixedPaper(body))))
            }
        case .hidden(let multiple): return hiddenVerdict(block, channels, layers, multiple, recipe)
        }
    }

    /// The sizes of the shrunk body: every width W of a body over C channels becomes max(1, floor(W * k /
    /// C)). For a bottleneck with W = C/4 this is the paper's k/4, for a basic block k. The body ends in k
    /// channels. Grouped convolutions lose whole groups, and depthwise ones stay depthwise.
    static func paperBody(_ channels: Int, _ layers: [BodyLayer], _ recipe: PaperRecipe) -> ChannelBody {
        let exact = recipe.ratio.channels(of: channels)
        let k = exact.rounded(to: recipe.roundTo, atMost: channels)
        var hidden: [Int] = []
        var groups: [Int] = []
        for (position, layer) in layers.enumerated() {
            let inputs = position == 0 ? k : hidden[position - 1]
            let isLast = position == layers.count - 1
            guard layer.groups == 1 else {
                let count = inputs / (layer.inputChannels / layer.groups)
                groups.append(count)
                if !isLast { hidden.append(count * (layer.outputChannels / layer.groups)) }
                continue
            }
            groups.append(1)
            guard !isLast else { continue }
            let width = max(1, layer.outputChannels * k / channels)
            // If the next layer is grouped, it keeps whole groups.
            let next = layers[position + 1]
            let unit = next.groups == 1 ? 1 : next.inputChannels / next.groups
            hidden.append(max(unit, width / unit * unit))
        }
        return ChannelBody(
            channels: channels, processed: k, hidden: hidden, groups: groups, fused: k,
            unrounded: k == exact ? nil : exact)
    }

    /// Hidden layers of W units get W * `multiple` filters, and the ratio of these is computed. All inputs
    /// and outputs stay.
    private func hiddenVerdict(
        _ block: ConvBlock, _ channels: Int, _ layers: [BodyLayer], _ multiple: Int, _ recipe: PaperRecipe
    ) -> Verdict {
        guard block.shortcut != .none else { return .notEligible(.noShortcut) }
        guard layers.count >= 2 else { return .notEligible(.noHiddenLayer) }
        guard layers.allSatisfy({ $0.groups == 1 }) else { return .notEligible(.groupedBody) }
        let widths = layers.dropLast().map { $0.outputChannels.multipliedClamping(by: multiple) }
        let units = HiddenUnits(
            channels: channels,
            kept: widths.map {
                recipe.ratio.channels(of: $0).rounded(to: recipe.roundTo, atMost: $0)
            })
        switch recipe.router {
        case .fixed: return .convert(.trainable(.fixedHidden(FixedHidden(units))))
        case .topk:
            return .convert(
                .trainable(
                    .gatedHidden(
                        GatedHidden(
                            units, widths: widths, selectorHidden: recipe.selectorHidden(channels),
                            computation(block, recipe.target)))))
        }
    }

    /// Training needs all units. Otherwise only the chosen ones are computed, if the body holds nothing but
    /// convolutions and activations.
    private func computation(_ block: ConvBlock, _ target: Target) -> GatedHidden.Computation {
        guard !target.computesAllUnits, case .success(let body) = LayeredBody.of(block, in: graph),
            body.prefix.isEmpty, body.routingObstacle == nil
        else { return .dense }
        return .gathered
    }
}

extension PaperRecipe {
    /// C / r, at least 1.
    fileprivate func selectorHidden(_ channels: Int) -> Int { max(1, channels / selectorReduction) }
}

extension Int {
    /// The number rounded down to a multiple of `unit`, but at least `unit` and at most `limit`.
    func rounded(to unit: Int?, atMost limit: Int) -> Int {
        unit.map { Swift.min(limit, Swift.max($0, self / $0 * $0)) } ?? self
    }
}
