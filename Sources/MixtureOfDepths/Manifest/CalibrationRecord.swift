/// The entry of a calibrated recipe, as JSON: the facts that the manifest's other entries do not hold.
struct CalibrationRecord: Codable {
    /// The path of the images as the user gave it, or `synthetic`.
    var data: String
    var preprocessing: CalibrationData.Preprocessing?
    var samples: Int
    /// `hidden`, `channels` or `any`.
    var route: String
    var fusion: String
    var drop: Bool
    var budget: Budget?
    /// Nil for no bias, as in files of version 0.2.
    var bias: String?

    init(_ recipe: CalibratedRecipe) {
        data = recipe.images.source
        preprocessing = recipe.images.preprocessing
        samples = recipe.images.samples
        route = (recipe.reduction?.route ?? .hidden).rawValue
        fusion = (recipe.reduction?.fusion ?? .all).rawValue
        drop = recipe.reduction == nil
        budget = recipe.budget
        bias = recipe.bias == .none ? nil : recipe.bias.text
    }

    /// The recipe, completed by the other entries; nil if no recipe can have these values.
    func recipe(
        _ goal: String, _ roundTo: Int?, _ target: Target, _ fact: (String) -> String?
    ) -> CalibratedRecipe? {
        guard let weights = fact("weights").flatMap(CalibratedRecipe.Weights.init(rawValue:)) else {
            return nil
        }
        guard let bias = BiasChoice(bias ?? BiasChoice.none.text) else { return nil }
        let images = CalibrationData(source: data, preprocessing: preprocessing, samples: samples)
        guard !drop else {
            return CalibratedRecipe(
                budget.map(CalibratedRecipe.Goal.droppedFor) ?? .dropped, weights: weights, images: images,
                bias: bias)
        }
        guard let fusion = BlockReduction.Fusion(rawValue: fusion),
            let router = fact("router").flatMap(BlockReduction.RouterChoice.init(rawValue:))
        else { return nil }
        let units: BlockReduction.Units
        switch ReductionDefaults.Route(rawValue: route) {
        case .hidden: units = .hidden
        case .channels: units = .channels(fusion)
        case .any: units = .any
        case nil: return nil
        }
        let reduction = BlockReduction(units, router: router, roundTo: roundTo, target: target)
        if let budget {
            return CalibratedRecipe(.budget(budget, reduction), weights: weights, images: images, bias: bias)
        }
        guard let ratio = ModRatio(goal) else { return nil }
        return CalibratedRecipe(.share(ratio, reduction), weights: weights, images: images, bias: bias)
    }
}
