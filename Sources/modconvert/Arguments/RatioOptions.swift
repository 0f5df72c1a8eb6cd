import ArgumentParser
import MixtureOfDepths

/// The share of a block's channels or units to compute, given in one of two ways.
struct RatioOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The share of each block that is computed: above 0, at most 1, as 0.5 or 1/64.", valueName: "r"),
        transform: RatioOptions.ratio)
    var modRatio: ModRatio?

    @Option(
        help: ArgumentHelp(
            "The same as --mod-ratio 1/c, the paper's reduction.", valueName: "c", visibility: .hidden))
    var modReduction: Int?

    var isGiven: Bool { modRatio != nil || modReduction != nil }

    private static func ratio(_ text: String) throws -> ModRatio {
        guard let ratio = ModRatio(text) else {
            throw ValidationError("a ratio is above 0 and at most 1, as 0.5 or 1/64")
        }
        return ratio
    }

    /// Nil if neither is given.
    var ratio: ModRatio? {
        get throws {
            guard let modReduction else { return modRatio }
            guard modRatio == nil else {
                throw ValidationError("--mod-ratio and --mod-reduction exclude each other")
            }
            guard let ratio = ModRatio(reduction: modReduction) else {
                throw ValidationError("--mod-reduction takes a whole number of at least 1")
            }
            return ratio
        }
    }
}
