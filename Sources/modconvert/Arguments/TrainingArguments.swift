import ArgumentParser
import MixtureOfDepths

/// The options that apply only to blocks to be trained.
struct TrainingArguments: ParsableArguments {
    @Option(
        name: .customLong("init"),
        help:
            "How new weights start: slice (cut out of the source's), he (drawn anew), or zero (drawn anew; each block starts as the identity)."
    )
    var initialization: WeightsPolicy?

    @Option(
        help: ArgumentHelp(
            "With --route hidden: filters of the hidden layers, as a multiple of the replaced block's; the ratio is the share of them that a sample computes.",
            valueName: "times", visibility: .hidden))
    var modWidth: Int?

    func validate() throws {
        if let modWidth, !(1...16).contains(modWidth) {
            throw ValidationError("--mod-width takes a whole number from 1 to 16")
        }
    }

    var isGiven: Bool { initialization != nil || modWidth != nil }
}

extension WeightsPolicy: ExpressibleByArgument {}
