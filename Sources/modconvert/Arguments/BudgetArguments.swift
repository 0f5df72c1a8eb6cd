import ArgumentParser
import MixtureOfDepths

/// The budget that a conversion has to meet, instead of one ratio for all blocks.
struct BudgetArguments: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "At most so many multiply-accumulates, as 3.0G, or 50% of the source's.", valueName: "n"),
        transform: {
            try BudgetArguments.budget(
                .macs, $0, "a number such as 3.0G, or a share of the source's such as 50%")
        })
    var targetMacs: Budget?

    @Option(
        help: ArgumentHelp(
            "At least so many times as fast as the source, as 1.25, by this tool's engine on one sample.",
            valueName: "x"),
        transform: {
            try BudgetArguments.budget(.speedup, $0, "a factor above 1 and below 100, such as 1.25")
        })
    var targetSpeedup: Budget?

    @Option(
        help: ArgumentHelp(
            "At most this share of other predictions, as 0.5%, on calibration images that no fit saw.",
            valueName: "share"),
        transform: BudgetArguments.drop)
    var maxDrop: Budget?

    /// A share of predictions.
    static func drop(_ text: String) throws -> Budget {
        try budget(.drop, text, "a share of the predictions above 0 and below 100 %, such as 1% or 0.01")
    }

    private static func budget(_ kind: Budget.Kind, _ text: String, _ form: String) throws -> Budget {
        guard let budget = Budget(kind, text) else {
            throw ValidationError("it takes \(form)")
        }
        return budget
    }
}
