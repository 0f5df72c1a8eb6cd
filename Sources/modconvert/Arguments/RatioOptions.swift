import ArgumentParser
import MixtureOfDepths

/// How much of a block's channels a MoD block processes, said in one of two ways.
struct RatioOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The share of a block's channels that is processed: above 0, at most 1, as 0.5 or 1/64.",
            valueName: "r"), transform: RatioOptions.ratio)
    var modRatio: ModRatio?

    @Option(help: ArgumentHelp("The same as 1/c, the paper's reduction.", valueName: "c"))
    var modReduction: Int?

    func validate() throws { if isGiven { _ = try ratio } }

    var isGiven: Bool { modRatio != nil || modReduction != nil }

    private static func ratio(_ text: String) throws -> ModRatio {
        guard let ratio = ModRatio(text) else {
            throw ValidationError("a ratio is above 0 and at most 1, as 0.5 or 1/64")
        }
        return ratio
    }

    var ratio: ModRatio {
        get throws {
            switch (modRatio, modReduction) {
            case (let ratio?, nil): return ratio
            case (nil, let reduction?):
                guard let ratio = ModRatio(reduction: reduction) else {
                    throw ValidationError("--mod-reduction takes a whole number of at least 1")
                }
                return ratio
            case (nil, nil):
                throw ValidationError("add --mod-ratio R, such as 0.5, or --mod-reduction C, such as 2")
            default: throw ValidationError("--mod-ratio and --mod-reduction exclude each other")
            }
        }
    }
}
