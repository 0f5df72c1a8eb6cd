import ArgumentParser
import MixtureOfDepths

/// What only blocks have that are to be trained.
struct TrainingArguments: ParsableArguments {
    @Option(
        name: .customLong("init"),
        help:
            "How their weights start: slice (cut out of the source's), he (drawn anew), or zero (drawn anew, the last normalisation's scale zero: each new block starts as the identity)."
    )
    var initialization: WeightsPolicy?

    @Option(
        help: ArgumentHelp(
            "With --route hidden: filters of their hidden layers, as a multiple of the replaced block's; the ratio is the share of them that a sample computes.",
            valueName: "times"))
    var modWidth: Int?

    func validate() throws {
        if let modWidth, !(1...16).contains(modWidth) {
            throw ValidationError("--mod-width takes a whole number from 1 to 16")
        }
        if initialization == .slice, let modWidth, modWidth > 1 {
            throw ValidationError("--init slice has no weights for more filters than the source's; use he")
        }
    }

    var isGiven: Bool { initialization != nil || modWidth != nil }
}

extension WeightsPolicy: ExpressibleByArgument {}

extension Emission {
    /// The spelling where none is asked for: one that can be trained where BatchNormalization is made separate for
    /// that.
    static func usual(forTraining: Bool) -> Emission { forTraining ? .train : .standard }
}
