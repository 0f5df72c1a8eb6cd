import ArgumentParser

/// The inputs and settings of a measured run.
struct MeasurementOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Samples of each run, where the model's batch is symbolic, or is 1 and can be freed (default: the model's own, else 1).",
            valueName: "n"))
    var batch: Int?

    @Option(
        help: ArgumentHelp(
            "A tensor for the next input, or for the one that is named, instead of a seeded one; may be repeated.",
            valueName: "[name=]file"))
    var input: [String] = []

    @OptionGroup var threads: ThreadOptions

    func validate() throws {
        if let batch, !(1...65_536).contains(batch) {
            throw ValidationError("--batch takes a number from 1 to 65536")
        }
        if batch != nil, !input.isEmpty { throw ValidationError("--batch and --input exclude each other") }
    }
}

/// The numbers of warm-up and measured runs.
struct RunCountOptions: ParsableArguments {
    @Option(help: "Timed runs, after three that are not.")
    var runs = 25

    func validate() throws {
        guard (1...100_000).contains(runs) else {
            throw ValidationError("--runs takes a number from 1 to 100000")
        }
    }
}
