import ArgumentParser
import MixtureOfDepths
import Passes

/// Which blocks are reduced, and who chooses the part to compute.
struct ReductionArguments: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "alternate (blocks 1, 3, 5, ... of each stage; the default), all (the default of a budget), or a list of scopes such as layer3.1 or stage.block numbers, both from 0.",
            valueName: "blocks"))
    var blocks: BlockSelection?

    @Option(
        help:
            "Who chooses what is computed: pairs (each image, between pairs of channels; the default of calibrated with a ratio), topk (each image), fixed (nobody), or auto (for each block whichever errs less; the default of a budget)."
    )
    var router: BlockReduction.RouterChoice?

    @Flag(help: "Leave the blocks out altogether: the baseline.")
    var drop = false

    @Option(
        help: ArgumentHelp(
            "Round the processed channels or units down to a multiple.", valueName: "unit",
            visibility: .hidden))
    var roundTo: RoundingUnit?
}

/// The recipe, and the options that only the paper's has.
struct RecipeArguments: ParsableArguments {
    @Option(
        help:
            "paper (blocks as published, to be trained) or calibrated (the default, unless the file is known to be untrained or another option is for training)."
    )
    var recipe: RecipeName?

    @Option(
        help: "BatchNormalization: keep what the source has, folded into convolutions, or separate nodes.")
    var bn: BatchNormalizationPolicy?

    @Option(
        help: ArgumentHelp(
            "Append blocks until each stage has so many, as 3,4,14,3; they pass their input until they are trained.",
            valueName: "list"))
    var deepen: NumberList?
}

/// The seed of everything that is drawn.
struct SeedOptions: ParsableArguments {
    @Option(help: "Seed of everything that is drawn: weights, choice of images, the verification's inputs.")
    var seed: UInt64 = 0
}
