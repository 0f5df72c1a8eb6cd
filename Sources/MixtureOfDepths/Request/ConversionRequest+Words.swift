extension ConversionRequest {
    /// The options of `modconvert convert` that express this request, without those of usual values. Parsing
    /// them gives the same request again.
    public var commandWords: [String] {
        var words = OptionWords()
        switch recipe {
        case .paper(let paper, let blocks):
            paper.add(to: &words)
            words.add("--blocks", blocks.text, unless: BlockSelection.alternate.text)
        case .deepened(let paper, let depths):
            paper.add(to: &words)
            words.add("--deepen", depths.map(String.init).joined(separator: ","))
        case .calibrated(let calibrated, let blocks):
            calibrated.add(to: &words)
            let usual: BlockSelection = calibrated.budget == nil ? .alternate : .all
            words.add("--blocks", blocks.text, unless: usual.text)
        }
        for shape in inputShapes { words.add("--input-shape", shape.description) }
        words.add("--batch", batch?.description)
        words.add("--seed", "\(seed)", unless: "0")
        return words.words
    }
}

extension PaperRecipe {
    fileprivate func add(to words: inout OptionWords) {
        words.add("--mod-ratio", ratio.description)
        words.add("--recipe", "paper")
        words.add("--round-to", roundTo.map(String.init))
        words.add("--router", router.rawValue, unless: Router.topk.rawValue)
        if case .hidden(let multiple) = route {
            words.add("--route", "hidden")
            words.add("--mod-width", "\(multiple)", unless: "1")
        }
        words.add("--init", weights.rawValue, unless: WeightsPolicy.slice.rawValue)
        words.add("--bn", batchNormalization.rawValue, unless: "keep")
        words.add(target, unless: .usual(batchNormalization))
    }
}

extension CalibratedRecipe {
    fileprivate func add(to words: inout OptionWords) {
        switch goal {
        case .share(let ratio, _): words.add("--mod-ratio", ratio.description)
        case .budget(let budget, _): words.add(budget.kind.option, budget.limit)
        case .dropped: words.add("--drop")
        case .droppedFor(let budget):
            words.add("--drop")
            words.add(budget.kind.option, budget.limit)
        }
        words.add("--recipe", "calibrated")
        if let reduction {
            words.add("--round-to", reduction.roundTo.map(String.init))
            let given = ReductionDefaults(isForBudget: budget != nil).words(for: reduction)
            words.add("--router", given.router)
            words.add("--route", given.route)
            if case .channels(let fusion) = reduction.units {
                words.add("--fusion", fusion.rawValue, unless: BlockReduction.Fusion.all.rawValue)
            }
            words.add(reduction.target, unless: .standard)
        }
        let usual = CalibratedRecipe.usualWeights(for: goal, on: images)
        words.add("--weights", weights.rawValue, unless: usual.rawValue)
        words.add("--dynamic-bias", bias.text, unless: usualBias.text)
        words.add(images)
    }
}

extension Budget.Kind {
    /// The option that sets this kind of budget.
    public var option: String {
        switch self {
        case .macs: "--target-macs"
        case .speedup: "--target-speedup"
        case .drop: "--max-drop"
        }
    }
}
