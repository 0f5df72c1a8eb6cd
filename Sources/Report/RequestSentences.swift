import MixtureOfDepths

/// A conversion's request in sentences.
struct RequestSentences {
    let manifest: Manifest
    let request: ConversionRequest
    let file: String

    var all: [String] {
        let own: [String?] =
            switch request.recipe {
            case .paper(let paper, _), .deepened(let paper, _):
                [placement, processing(paper), routing(paper), spelling, weights(paper)]
            case .calibrated(let recipe, _):
                [
                    placement(recipe), recipe.reduction.map { reduction($0, recipe) }, routing(recipe),
                    bias(recipe), spelling,
                    weights(recipe), recipe.images.preprocessingSentence,
                ]
            }
        return ([origin, preparation] + own).compactMap { $0 }
    }

    // MARK: Every recipe

    private var origin: String {
        let tool = "\(ModConvertVersion.producer) \(manifest.version)"
        guard let hash = manifest.sourceSHA256 else {
            return "\(file) is a Mixture-of-Depths network that \(tool) built."
        }
        let producer = manifest.sourceProducer.map { " of \($0)" } ?? ""
        return "\(file) is a Mixture-of-Depths network that \(tool) made from a file\(producer) with the "
            + "SHA-256 \(hash)."
    }

    private var preparation: String? {
        var steps = request.inputShapes.map { "the input shape was fixed to \($0)" }
        if let batch = request.batch { steps.append("the batch became \(batch)") }
        switch request.recipe.batchNormalization {
        case .folded: steps.append("BatchNormalization was folded into the convolutions")
        case .separate: steps.append("BatchNormalization was made a node of its own after every convolution")
        case .keep: break
        }
        return steps.isEmpty ? nil : "Before the conversion " + steps.joined(separator: ", and ") + "."
    }

    private var spelling: String? {
        let target = request.recipe.target
        guard target != .standard else { return nil }
        let (name, value) = target.option
        return
            "The blocks are spelled for \(target.profile.toolchain) (\(name) \(value)); in any other spelling they "
            + "compute the same."
    }

    private var count: String {
        manifest.blocks.count == 1 ? "1 residual block" : "\(manifest.blocks.count) residual blocks"
    }

    /// The words after a number of blocks.
    private var chosenPlaces: String {
        switch request.recipe {
        case .paper(_, .alternate), .calibrated(_, .alternate):
            ": every second one of each stage, as the paper places them"
        case .paper(_, .all), .calibrated(_, .all): ": all that can be replaced"
        case .deepened: ": every second one of those that were appended to the stages"
        case .paper(_, .named(let names)), .calibrated(_, .named(let names)):
            ", chosen by name: \(names.joined(separator: ","))"
        }
    }

    // MARK: Blocks to be trained

    private var placement: String {
        let noun = manifest.blocks.count == 1 ? "became a MoD block" : "became MoD blocks"
        return "\(count) \(noun)\(chosenPlaces)."
    }

    private func processing(_ paper: PaperRecipe) -> String {
        switch paper.route {
        case .hidden(let multiple):
            let width = multiple == 1 ? "as many" : "\(multiple) times as many"
            return "Between a block's convolutions stand \(width) units as in the source; of them W * "
                + "\(paper.ratio), rounded down, count for an image. All inputs and outputs of the block stay."
        case .channels:
            var text = "Of a block's C channels k = C * \(paper.ratio), rounded down, are processed"
            if let unit = paper.roundTo { text += ", k being a multiple of \(unit)" }
            return text + "; the body between is as much narrower."
        }
    }

    private func routing(_ paper: PaperRecipe) -> String {
        switch (paper.router, paper.route) {
        case (.fixed, .hidden): "There is no selector: only those units are there."
        case (.fixed, .channels):
            "There is no selector: the first k channels are processed for every image."
        case (.topk, .hidden):
            "For each image a selector scores the units of each layer from the means of the block's input "
                + "channels, through C / \(paper.selectorReduction) hidden units; the highest are multiplied by "
                + "their scores, the others by 0."
        case (.topk, .channels):
            "For each image a selector scores the channels from their means, through C / "
                + "\(paper.selectorReduction) hidden units; the k highest go through the body, are multiplied by "
                + "their scores, and are added to the first k channels. The others pass unchanged."
        }
    }

    private func weights(_ paper: PaperRecipe) -> String {
        let bodies =
            switch paper.weights {
            case .slice: "The bodies hold slices of the source's weights, those of the most important units"
            case .zero:
                "The bodies' weights were drawn anew, and their last layers start at zero, so that each block "
                    + "passes its input until it is trained"
            case .he: "The bodies' weights were drawn anew (he)"
            }
        let selectors = paper.router == .fixed ? "" : ", the selectors random ones"
        let start = "\(bodies)\(selectors); the seed is \(request.seed)."
        return manifest.trainedSHA256.map {
            "\(start) Since then all weights were trained, and put in from a file with SHA-256 \($0)."
        } ?? start
    }

    // MARK: Calibrated blocks

    private func placement(_ recipe: CalibratedRecipe) -> String {
        let verb = recipe.reduction == nil ? "left out" : "reduced"
        let start = "\(count) \(manifest.blocks.count == 1 ? "was" : "were") \(verb)"
        guard let budget = recipe.budget else { return "\(start)\(chosenPlaces)." }
        let candidates =
            request.recipe.placement == BlockSelection.all.text
            ? "" : " Only \(request.recipe.placement) were to choose from."
        return "\(start), for \(budget.goal): which ones, and how far, follows from what each "
            + "costs, measured.\(candidates)"
    }

    private func reduction(_ reduction: BlockReduction, _ recipe: CalibratedRecipe) -> String {
        var count: String?
        if case .share(let ratio, _) = recipe.goal {
            let rounding = reduction.roundTo.map { " to a multiple of \($0)" } ?? ""
            count = "* \(ratio), rounded down\(rounding)"
        }
        switch reduction.units {
        case .any:
            return
                "Of a block's channels, or of the units between its convolutions, as many as the table says "
                + "are computed, whichever costs less."
        case .hidden:
            let share = count.map { "W \($0), are" } ?? "as many as the table says are"
            return "Of the W units between a block's convolutions \(share) computed; all inputs and outputs "
                + "of the block stay."
        case .channels(let fusion):
            let share = count.map { "k = C \($0)," } ?? "k, as the table says,"
            let target = fusion == .first ? "the first k" : "all"
            return "Of a block's C channels \(share) enter the body, which is as much narrower; its result "
                + "is added to \(target) channels."
        }
    }

    private func routing(_ recipe: CalibratedRecipe) -> String? {
        let counts = FormCounts(manifest.blocks)
        guard counts.routed + counts.fixed > 0 else { return nil }
        let arePairs = manifest.blocks.contains { if case .pairedChannels = $0.form { true } else { false } }
        let choice =
            arePairs
            ? "each image chooses, for half of them, between two channels"
            : "each image chooses which ones, through a router"
        let ways =
            switch (counts.routed, counts.fixed) {
            case (_, 0): choice.prefix(1).uppercased() + choice.dropFirst()
            case (0, _): "They are the same ones for every image"
            default:
                "In \(counts.routed) of the blocks \(choice); in \(counts.fixed) they are the same ones for every image"
            }
        let reason =
            recipe.reduction?.router == .auto
            ? "; of the ways that were tried, this one erred least on images that no fit saw" : ""
        return "\(ways)\(reason)."
    }

    private func bias(_ recipe: CalibratedRecipe) -> String? {
        let ranks = manifest.blocks.compactMap(\.form.payload.biasRank)
        guard let largest = ranks.max() else {
            return recipe.bias == .auto
                ? "A bias that depends on the image did not bring the network closer to its source, and was left out."
                : nil
        }
        let reason = recipe.bias == .auto ? "; without it the network was farther from its source" : ""
        let count =
            ranks.count == manifest.blocks.count ? "each of the blocks" : "\(ranks.count) of the blocks"
        return
            "The last convolution of \(count) gets a bias that depends on the image, through at most \(largest) features of "
            + "the means of its input channels\(reason)."
    }

    private func weights(_ recipe: CalibratedRecipe) -> String {
        let source = recipe.images.phrase
        let seed = "the seed is \(request.seed)"
        let fitted: String
        switch recipe.weights {
        case .keep:
            return "All weights are the source's; what is computed was chosen on \(source); \(seed)."
        case .refitConverted: fitted = "these blocks alone"
        case .refit, .tune:
            fitted =
                recipe.reduction == nil ? "the blocks that follow" : "these blocks and of those that follow"
        }
        let tuned =
            recipe.weights == .tune && recipe.reduction != nil
            ? " Those of the reduced blocks were then tuned by gradients, block by block." : ""
        return "The weights of \(fitted) were fitted, in closed form, to what the source computes on "
            + "\(source); \(seed).\(tuned)"
    }
}

extension Budget {
    /// The goal as part of a sentence.
    fileprivate var goal: String {
        switch kind {
        case .macs:
            value < 1
                ? "at most \(limit) of the source's multiply-accumulates"
                : "at most \(limit) multiply-accumulates"
        case .speedup: "at least \(limit) times the speed"
        case .drop: "at most \(limit) other predictions"
        }
    }
}

extension CalibrationData {
    /// The images as part of a sentence.
    var phrase: String {
        isSynthetic ? "\(samples) generated images" : "at most \(samples) images of \(source)"
    }

    /// How images became the network's input; nil if the request does not say.
    var preprocessingSentence: String? {
        guard let preprocessing else { return nil }
        func list(_ numbers: [Double]) -> String { numbers.map { "\($0)" }.joined(separator: ",") }
        let parts = [
            preprocessing.preset.map { "the preset \($0)" },
            preprocessing.mean.map { "mean \(list($0))" },
            preprocessing.deviation.map { "deviation \(list($0))" },
            preprocessing.scale.map { "scale \($0)" },
            preprocessing.size.map { "size \($0.map(String.init).joined(separator: "x"))" },
            preprocessing.shortSide.map { "a shorter side of \($0)" },
            preprocessing.layout.map { "layout \($0)" },
        ].compactMap { $0 }
        return "Images became its input with \(parts.joined(separator: ", "))."
    }
}
