import ArgumentParser
import MixtureOfDepths

/// What a conversion has to reach, instead of one ratio for all blocks.
struct BudgetArguments: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "At most so many multiply-accumulates, as 3.0G: ratio and kind of each block are chosen by what it costs, measured.",
            valueName: "n"))
    var targetMacs: MACBudget?

    @Option(
        help: ArgumentHelp(
            "At least so many times as fast as the source, as 1.25, by this tool's engine on one sample.",
            valueName: "x"))
    var targetSpeedup: Double?

    @Option(
        help: ArgumentHelp(
            "As little work as possible with at most this share of other predictions, as 0.5%, on calibration images that no fit saw.",
            valueName: "share"))
    var maxDrop: Percentage?

    func validate() throws {
        let given = [targetMacs != nil, targetSpeedup != nil, maxDrop != nil].count { $0 }
        guard given <= 1 else {
            throw ValidationError("--target-macs, --target-speedup and --max-drop exclude each other")
        }
        if let targetSpeedup, !(targetSpeedup > 1 && targetSpeedup < 100) {
            throw ValidationError("--target-speedup takes a number above 1")
        }
    }

    /// Nil if there is none.
    var budget: Budget? {
        if let targetMacs { return Budget(.macs, targetMacs.text) }
        if let targetSpeedup { return Budget(.speedup, "\(targetSpeedup)") }
        return maxDrop.map { Budget(.drop, $0.text) }
    }
}

/// A number of multiply-accumulates such as `3.0G`, `850M` or `4000000`.
struct MACBudget: ExpressibleByArgument {
    let count: Int
    let text: String

    init?(argument: String) {
        let units: [Character: Double] = ["k": 1e3, "K": 1e3, "M": 1e6, "G": 1e9, "T": 1e12]
        let unit = argument.last.flatMap { units[$0] }
        guard let value = Double(unit == nil ? argument : String(argument.dropLast())), value > 0,
            value * (unit ?? 1) < 1e18
        else { return nil }
        count = Int(value * (unit ?? 1))
        text = argument
    }
}

/// A share such as `0.5%` or `0.005`.
struct Percentage: ExpressibleByArgument {
    let share: Double
    let text: String

    init?(argument: String) {
        let isPercent = argument.hasSuffix("%")
        guard let value = Double(isPercent ? String(argument.dropLast()) : argument) else { return nil }
        share = isPercent ? value / 100 : value
        guard share > 0, share < 1 else { return nil }
        text = argument
    }
}
