import Passes

/// The request as entries of the manifest, one for each fact, so that any viewer shows them. The keys are
/// those of version 0.1.0.
extension ConversionRequest {
    /// The entries by key, in order; nil for those that the request does not need.
    func facts(_ coder: ManifestCoder) throws -> [(key: String, value: String?)] {
        var facts: [(key: String, value: String?)] = [("ratio", recipe.goal)]
        switch recipe {
        case .paper(let paper, _), .deepened(let paper, _):
            facts += [
                ("c", paper.ratio.reduction.map(String.init)), ("r", "\(paper.selectorReduction)"),
                ("router", paper.router.rawValue), ("weights", paper.weights.rawValue),
            ]
        case .calibrated(let calibrated, _):
            if case .share(let ratio, _) = calibrated.goal {
                facts.append(("c", ratio.reduction.map(String.init)))
            }
            facts += [
                ("r", "16"), ("router", recipe.router),
                ("weights", calibrated.weights.rawValue),
            ]
        }
        let target = recipe.target.option
        facts += [
            ("placement", recipe.placement), (target.name == "--emit" ? "emission" : "target", target.value),
        ]
        switch recipe {
        case .paper(let paper, _), .deepened(let paper, _):
            if case .hidden(let multiple) = paper.route {
                facts += [("route", "hidden"), ("hidden-multiple", multiple == 1 ? nil : "\(multiple)")]
            }
            facts.append(("round-to", paper.roundTo.map(String.init)))
        case .calibrated(let calibrated, _):
            facts += [
                ("calibration", try coder.json(CalibrationRecord(calibrated))),
                ("round-to", calibrated.reduction?.roundTo.map(String.init)),
            ]
        }
        facts.append(("seed", "\(seed)"))
        if case .deepened(_, let depths) = recipe {
            facts.append(("deepen", depths.map(String.init).joined(separator: ",")))
        }
        let policy = recipe.batchNormalization
        facts += [
            ("input-shapes", inputShapes.isEmpty ? nil : try coder.json(inputShapes.map(\.description))),
            ("batch", batch?.description), ("bn", policy == .keep ? nil : policy.rawValue),
        ]
        return facts
    }

    /// The request that entries describe; nil if an entry is missing or impossible.
    init?(_ coder: ManifestCoder, _ fact: (String) -> String?) {
        guard let seed = fact("seed").flatMap(UInt64.init),
            let recipe = Recipe(coder, fact)
        else { return nil }
        let shapes = fact("input-shapes").map { coder.value([String].self, $0) ?? [] } ?? []
        let inputShapes = shapes.compactMap { InputShape($0) }
        guard inputShapes.count == shapes.count else { return nil }
        let batch = fact("batch").map { BatchExtent($0) }
        if case .some(nil) = batch { return nil }
        self.init(recipe, seed: seed, inputShapes: inputShapes, batch: batch ?? nil)
    }
}

extension Recipe {
    fileprivate init?(_ coder: ManifestCoder, _ fact: (String) -> String?) {
        guard let placement = fact("placement"),
            let target = Target(fact)
        else { return nil }
        let roundTo = fact("round-to").flatMap(Int.init)
        if let json = fact("calibration") {
            guard let record = coder.value(CalibrationRecord.self, json), let ratio = fact("ratio"),
                let recipe = record.recipe(ratio, roundTo, target, fact),
                let blocks = BlockSelection(placement)
            else { return nil }
            self = .calibrated(recipe, on: blocks)
            return
        }
        guard let ratio = fact("ratio").flatMap({ ModRatio($0) }),
            let router = fact("router").flatMap(Router.init(rawValue:)),
            let weights = fact("weights").flatMap(WeightsPolicy.init(rawValue:)),
            let policy = BatchNormalizationPolicy(rawValue: fact("bn") ?? "keep"),
            let multiple = Int(fact("hidden-multiple") ?? "1"), let r = fact("r").flatMap(Int.init), r > 0
        else { return nil }
        let route: PaperRecipe.Route
        switch fact("route") {
        case nil: route = .channels
        case "hidden": route = .hidden(multiple: multiple)
        default: return nil
        }
        let paper = PaperRecipe(
            ratio: ratio, roundTo: roundTo, route: route, router: router, weights: weights,
            batchNormalization: policy, target: target, selectorReduction: r)
        guard let list = fact("deepen") else {
            guard let blocks = BlockSelection(placement) else { return nil }
            self = .paper(paper, on: blocks)
            return
        }
        let parts = list.split(separator: ",", omittingEmptySubsequences: false)
        let depths = parts.compactMap { Int($0) }
        guard depths.count == parts.count else { return nil }
        self = .deepened(paper, depths: depths)
    }
}

extension Target {
    /// Version 0.2 knew spellings only, and called them emissions.
    fileprivate init?(_ fact: (String) -> String?) {
        if let name = fact("target") {
            guard let target = Target(rawValue: name), Target.toolchains.contains(target) else { return nil }
            self = target
        } else {
            self.init(emission: fact("emission") ?? "literal")
        }
    }
}

extension ModRatio {
    /// c = 1 / R, as the paper writes the ratio, if it is a whole number.
    var reduction: Int? { denominator % numerator == 0 ? denominator / numerator : nil }
}
