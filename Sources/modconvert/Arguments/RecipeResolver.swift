import ArgumentParser
import MixtureOfDepths
import Passes

/// Turns the given options into a conversion's request. Each recipe takes the options that have a meaning for
/// it; any left over is an error.
struct RecipeResolver {
    /// A request, and the reason for its recipe.
    struct Resolution {
        let request: ConversionRequest
        let reason: String
        /// That the target leaves no choice of a router, which the user did not make either; nil otherwise.
        var targetRemark: String?
    }

    let all: GivenOptions
    let modRatio: GivenOption<ModRatio>
    let modReduction: GivenOption<Int>
    let targetMacs: GivenOption<Budget>
    let targetSpeedup: GivenOption<Budget>
    let maxDrop: GivenOption<Budget>
    let drop: GivenOption<Bool>
    let blocks: GivenOption<BlockSelection>
    let roundTo: GivenOption<RoundingUnit>
    let recipe: GivenOption<RecipeName>
    let router: GivenOption<BlockReduction.RouterChoice>
    let route: GivenOption<RouteName>
    let fusion: GivenOption<BlockReduction.Fusion>
    let weights: GivenOption<CalibratedRecipe.Weights>
    let dynamicBias: GivenOption<BiasChoice>
    let calibrate: GivenOption<CalibrationSource>
    let calibrateSamples: GivenOption<Int>
    let images: ImageOptions.Given
    let initialization: GivenOption<WeightsPolicy>
    let modWidth: GivenOption<Int>
    let deepen: GivenOption<NumberList>
    let bn: GivenOption<BatchNormalizationPolicy>
    let target: GivenOption<Target>
    let seed: UInt64
    let inputShapes: [InputShape]
    let batch: BatchExtent?

    /// - Parameter isUntrained: whether the file is known to be untrained; called only if no option decides
    ///   the recipe.
    /// - Throws: `UsageError` for options that exclude each other, are missing, or have no meaning for the
    ///   recipe.
    func resolve(isUntrained: () throws -> Bool) throws -> Resolution {
        try checkGoal()
        let (name, reason) = try recipeName(isUntrained)
        let recipe: Recipe
        let context: String
        switch name {
        case .paper:
            recipe = try paper()
            context = deepen.isGiven ? "the paper recipe with --deepen" : "the paper recipe"
        case .calibrated:
            recipe = try .calibrated(calibrated(), on: selection(usual: budget == nil ? .alternate : .all))
            context = drop.isGiven ? "the calibrated recipe with --drop" : "the calibrated recipe"
        }
        try all.requireAllTaken(by: context)
        return Resolution(
            request: ConversionRequest(recipe, seed: seed, inputShapes: inputShapes, batch: batch),
            reason: reason,
            targetRemark: targetRemark(recipe))
    }

    /// A sentence on the router that the target took in place of the usual one; nil if the user asked for the router that the file gets.
    private func targetRemark(_ recipe: Recipe) -> String? {
        guard router.peek?.rawValue != recipe.router else { return nil }
        return switch (recipe, recipe.router) {
        case (_, Router.fixed.rawValue): recipe.target.remarkOnRouters
        case (.calibrated, Router.topk.rawValue): recipe.target.remarkOnPairs
        default: nil
        }
    }

    /// Requires exactly one of a ratio, a budget, and `--drop`.
    private func checkGoal() throws {
        let budgets = [targetMacs.isGiven, targetSpeedup.isGiven, maxDrop.isGiven].count { $0 }
        guard budgets <= 1 else {
            throw ValidationError("--target-macs, --target-speedup and --max-drop exclude each other")
        }
        guard !modRatio.isGiven || !modReduction.isGiven else {
            throw ValidationError("--mod-ratio and --mod-reduction exclude each other")
        }
        let hasRatio = modRatio.isGiven || modReduction.isGiven
        guard !hasRatio || budgets == 0 else {
            throw ValidationError("a budget chooses the ratios: leave --mod-ratio and --mod-reduction out")
        }
        guard hasRatio || budgets == 1 || drop.isGiven else {
            throw ValidationError(
                "add --mod-ratio R, such as 0.5, --mod-reduction C, such as 2, or a budget such as --target-macs"
            )
        }
    }

    // MARK: Which recipe

    private func recipeName(_ isUntrained: () throws -> Bool) throws -> (RecipeName, String) {
        if let name = recipe.take() { return (name, "asked for by --recipe") }
        let forCalibration: [(isGiven: Bool, name: String)] = [
            (budget != nil, budget?.kind.option ?? ""), (drop.isGiven, drop.name),
            (calibrate.isGiven, calibrate.name), (calibrateSamples.isGiven, calibrateSamples.name),
            (weights.isGiven, weights.name), (dynamicBias.isGiven, dynamicBias.name),
            (fusion.isGiven, fusion.name),
            (router.peek == .auto, "--router auto"), (router.peek == .pairs, "--router pairs"),
        ]
        if let option = forCalibration.first(where: \.isGiven)?.name {
            return (.calibrated, "\(option) asks for it")
        }
        let forTraining: [(isGiven: Bool, name: String)] = [
            (deepen.isGiven, deepen.name), (initialization.isGiven, initialization.name),
            (modWidth.isGiven, modWidth.name), (bn.peek == .separate, "--bn separate"),
            (target.peek == .training, target.name == "--emit" ? "--emit train" : "--target training"),
        ]
        if let option = forTraining.first(where: \.isGiven)?.name {
            return (.paper, "\(option) is for training")
        }
        return try isUntrained()
            ? (.paper, "the file was built by modconvert, and nobody has trained it")
            : (.calibrated, "the file is taken as trained; --recipe paper makes blocks to be trained")
    }

    private var budget: Budget? { targetMacs.peek ?? targetSpeedup.peek ?? maxDrop.peek }

    // MARK: The paper's

    private func paper() throws -> Recipe {
        let normalization = bn.take() ?? .keep
        let initialization = initialization.take() ?? .slice
        var paper = PaperRecipe(
            ratio: try ratio(), roundTo: roundTo.take()?.rawValue, weights: initialization,
            batchNormalization: normalization, target: target.take() ?? .usual(normalization))
        let chooser: Router? =
            switch router.take() {
            case nil: nil
            case .topk: .topk
            case .fixed: .fixed
            case .auto?, .pairs?:
                throw UsageError(
                    "--router \(self.router.peek?.rawValue ?? "")", "means nothing to the paper recipe",
                    remedy: "use topk or fixed")
            }
        paper.router = try paper.target.router(chooser)
        if route.take() == .hidden {
            let multiple = modWidth.take() ?? 1
            if multiple > 1, self.initialization.peek == .slice {
                throw UsageError(
                    "--init slice", "has no weights for more filters than the source's", remedy: "use he")
            }
            paper.route = .hidden(multiple: multiple)
        }
        guard let depths = deepen.take()?.values else {
            return .paper(paper, on: try selection(usual: .alternate))
        }
        guard initialization != .he else {
            throw UsageError(
                "--init he", "contradicts --deepen, which starts its blocks as the identity",
                remedy: "leave it out")
        }
        if let blocks = blocks.take(), blocks.text != Recipe.appended {
            throw UsageError(
                "--blocks \(blocks.text)",
                "contradicts --deepen: converted blocks may give negative values, which an appended block "
                    + "would not pass", remedy: "leave it out")
        }
        return .deepened(paper, depths: depths)
    }

    // MARK: The calibrated

    private func calibrated() throws -> CalibratedRecipe {
        // Calibration always folds BatchNormalization.
        if bn.peek == .folded { _ = bn.take() }
        let goal = try goal()
        var recipe = CalibratedRecipe(goal, weights: weights.take(), images: calibrationData())
        // Without a reduction there is nothing to add a bias to.
        if recipe.reduction != nil, let bias = dynamicBias.take() { recipe.bias = bias }
        return recipe
    }

    private func goal() throws -> CalibratedRecipe.Goal {
        let budget = targetMacs.take() ?? targetSpeedup.take() ?? maxDrop.take()
        guard drop.take() == nil else { return budget.map(CalibratedRecipe.Goal.droppedFor) ?? .dropped }
        let reduction = try reduction(isForBudget: budget != nil)
        return try budget.map { .budget($0, reduction) } ?? .share(ratio(), reduction)
    }

    private func reduction(isForBudget: Bool) throws -> BlockReduction {
        let defaults = ReductionDefaults(isForBudget: isForBudget)
        let target = target.take() ?? .standard
        let (givenRoute, givenRouter) = (route.take()?.calibrated, router.take())
        guard let (route, router) = defaults.resolve(givenRoute, givenRouter) else {
            throw UsageError(
                "--router pairs", "chooses between channels, not hidden units", remedy: "use --route channels"
            )
        }
        try target.check(givenRoute, givenRouter)
        let units: BlockReduction.Units =
            switch route {
            case .hidden: .hidden
            case .channels: .channels(fusion.take() ?? .all)
            case .any: .any
            }
        let asked = BlockReduction(
            units, router: router, roundTo: roundTo.take()?.rawValue, target: target)
        return asked.adaptedToTarget
    }

    private func calibrationData() -> CalibrationData {
        let source = calibrate.take() ?? .synthetic
        return CalibrationData(
            source: source.description, preprocessing: images.take(isSynthetic: source == .synthetic),
            samples: calibrateSamples.take() ?? CalibrationData.usualSamples)
    }

    // MARK: Shared

    private func ratio() throws -> ModRatio {
        if let ratio = modRatio.take() { return ratio }
        guard let ratio = modReduction.take().flatMap({ ModRatio(reduction: $0) }) else {
            throw ValidationError("--mod-reduction takes a whole number of at least 1")
        }
        return ratio
    }

    private func selection(usual: BlockSelection) throws -> BlockSelection {
        let selection = blocks.take() ?? usual
        guard selection.text != Recipe.appended else {
            throw UsageError(
                "--blocks appended", "means blocks that --deepen appends, and it is not given",
                remedy: "add --deepen, or name other blocks")
        }
        return selection
    }
}
