import Calibration
import Conversion
import GraphIR
import MixtureOfDepths
import Verification

/// The notes that a user should read about a conversion, one sentence each.
public enum ConversionNotes {
    /// The notes in the order in which they are printed.
    public static func all(_ finished: any WritableConversion) -> [String] {
        let network = finished.network
        let request = network.network.request
        return request.inputShapes.map { "input shape fixed to \($0)" } + preparation(network)
            + blocks(network) + calibration(network) + images(network)
            + unchecked((finished as? VerifiedConversion)?.verification, network)
    }

    /// Of a verification that could run none of the converted blocks.
    private static func unchecked(_ verification: Verification?, _ network: ConvertedNetwork) -> [String] {
        guard !network.blocks.isEmpty, let verification,
            verification.check(.blocks)?.outcome == .notApplicable
        else { return [] }
        let reason = verification.boundary.map { ": all depend on \($0.text)" } ?? ""
        return [
            "no converted block was checked\(reason); compare the file with its source in a runtime that runs both"
        ]
    }

    private static func preparation(_ network: ConvertedNetwork) -> [String] {
        let source = network.network.sourceModel
        var notes: [String] = []
        let (old, new) = (source.graph.opsets.onnx, network.graph.opsets.onnx)
        if new > old {
            let reason =
                network.raisedFromOpset == nil
                ? "has LayerNormalization"
                : new < 12 ? "has Where for a choice of two" : "gathers per sample of a symbolic batch"
            notes.append("opset raised from \(old) to \(new), which \(reason)")
        }
        if network.irVersion > source.irVersion {
            notes.append(
                "IR version raised from \(source.irVersion) to \(network.irVersion), "
                    + "which does not list initializers as inputs")
        }
        let nonFinite = network.network.source.nonFiniteWeights
        if let first = nonFinite.first {
            notes.append(
                "\(nonFinite.count) of the weights hold NaN or infinite numbers, the first is \(first)")
        }
        if network.network.request.recipe.batchNormalization == .folded {
            notes.append("BatchNormalization is folded: its scales and biases are no parameters of their own")
        }
        return notes
    }

    /// Notes on blocks to be trained.
    private static func blocks(_ network: ConvertedNetwork) -> [String] {
        let paper: PaperRecipe
        switch network.network.request.recipe {
        case .calibrated: return []
        case .deepened(let recipe, let depths):
            let before = network.network.depthsBefore ?? []
            let count = zip(depths, before).reduce(0) { $0 + $1.0 - $1.1 }
            return ["\(count) blocks are new, and pass their input until they are trained"]
                + dense(network, recipe)
        case .paper(let recipe, _): paper = recipe
        }
        guard !network.blocks.isEmpty else {
            return ["ratio 1 leaves every block as it is: the source in canonical form"]
        }
        let selectors = paper.router == .topk ? " and untrained selectors" : ""
        let start =
            switch paper.weights {
            case .slice: "hold slices of the source's weights\(selectors)"
            case .he: "hold random weights\(selectors)"
            case .zero: "pass their input until they are trained"
            }
        return ["the converted blocks \(start): train the network before its predictions mean anything"]
            + dense(network, paper)
    }

    private static func dense(_ network: ConvertedNetwork, _ paper: PaperRecipe) -> [String] {
        let isDense = network.blocks.contains {
            if case .gatedHidden(let form) = $0.form { form.computation == .dense } else { false }
        }
        return isDense
            ? [
                "hidden units that a sample does not choose are computed and multiplied by 0, as training needs "
                    + "it: the multiply-accumulates are those of all of them"
            ] : []
    }

    private static func calibration(_ network: ConvertedNetwork) -> [String] {
        guard let calibration = network.fitted.calibration else { return [] }
        let (asked, found) = (network.network.request.recipe.goal, network.plan.request.recipe.goal)
        var notes: [String] = []
        if asked != found {
            notes.append(
                "\(asked) was found at \(found) multiply-accumulates: --target-macs with this number makes the "
                    + "same file again")
        }
        let comparison = calibration.comparison
        let images =
            "on \(comparison.samples) calibration images\(comparison.isHeldOut ? " that no fit saw" : "")"
        if comparison.isOfOutput {
            notes.append("\(images) \(agreement(comparison))")
            if let choice = choice(network, calibration) { notes.append(choice) }
            if let bias = bias(calibration) { notes.append(bias) }
        } else {
            let error = Quantity.fixed(100 * comparison.error.squareRoot(), decimals: 1)
            notes.append(
                "\(images) the last block's output errs by \(error) %; calibration cannot follow the blocks to an "
                    + "output, so how often the network agrees with its source was not measured")
        }
        notes += tuning(calibration)
        notes.append(memory(calibration.activations))
        let gathering = network.blocks.count {
            if case .batched = $0.form.payload.gathering { true } else { false }
        }
        if gathering > 0 {
            notes.append(
                "\(gathering) routed blocks gather weights for each sample, which costs time beside their "
                    + "multiply-accumulates; --router fixed may run faster")
        }
        return notes
    }

    /// How close the network's output is to its source's, in the measure that suits the output.
    private static func agreement(_ comparison: Calibration.Comparison) -> String {
        let cosine = "a mean cosine of \(Quantity.fixed(comparison.cosine, decimals: 4)) with its source's"
        switch comparison.kind {
        case .classes:
            let interval = comparison.proportion.map { share in
                let bounds = [share.interval.lowerBound, share.interval.upperBound]
                let texts = bounds.map { Quantity.fixed(100 * $0, decimals: 1) }
                return " (95 % interval \(texts[0]) to \(texts[1]) %)"
            }
            return "the network agrees with its source in \(percent(comparison.agreement))\(interval ?? "")"
        case .map:
            return
                "the network agrees with its source in \(percent(comparison.agreement)) of the pixels; its output has "
                + cosine
        case .values: return "the network's output has \(cosine)"
        }
    }

    /// What tuning did to the blocks' errors, and which blocks it left alone.
    private static func tuning(_ calibration: Calibration) -> [String] {
        var changes: [(before: Double, after: Double)] = []
        var notes: [String] = []
        for outcome in calibration.outcomes {
            switch outcome.tuning {
            case .none: break
            case .tuned(let before, let after): changes.append((before, after))
            case .impossible(let place):
                notes.append("block \(outcome.scope) was not tuned: \(place) has no gradient")
            }
        }
        guard !changes.isEmpty else { return notes }
        func mean(_ errors: [Double]) -> String {
            let mean = errors.reduce(0) { $0 + $1.squareRoot() } / Double(errors.count)
            return "\(Quantity.fixed(100 * mean, decimals: 1)) %"
        }
        let count = changes.count == 1 ? "1 block was" : "\(changes.count) blocks were"
        return [
            "\(count) tuned: on images that only judged, the output erred by \(mean(changes.map(\.before))) before, "
                + "by \(mean(changes.map(\.after))) after"
        ] + notes
    }

    /// How many blocks choose for each image, and what the network keeps with and without the choice.
    private static func choice(_ network: ConvertedNetwork, _ calibration: Calibration) -> String? {
        guard let reduction = reduction(network), !network.blocks.isEmpty else { return nil }
        var text = "of the converted blocks \(FormCounts(network.blocks).text)"
        if let other = calibration.alternative {
            let kind = other.isRouted ? "a choice by image" : "a fixed choice"
            text +=
                "; \(kind) at the same work: \(closeness(other.comparison)), this network "
                + closeness(calibration.comparison, isNamed: false)
            if let words = words(for: reduction, isRouted: other.isRouted) { text += "; \(words) takes it" }
        }
        return text
    }

    /// The agreement, or the mean cosine of an output that holds no classes.
    private static func closeness(_ comparison: Calibration.Comparison, isNamed: Bool = true) -> String {
        comparison.kind == .values
            ? (isNamed ? "cosine " : "") + Quantity.fixed(comparison.cosine, decimals: 4)
            : (isNamed ? "agreement " : "") + percent(comparison.agreement)
    }

    /// Whether calibration took a bias for each image, and what it is worth; nil if the request decided.
    private static func bias(_ calibration: Calibration) -> String? {
        guard let bias = calibration.bias else { return nil }
        func figures(_ comparison: Calibration.Comparison) -> String {
            "\(closeness(comparison)), divergence \(Quantity.fixed(comparison.divergence, decimals: 4))"
        }
        let option = bias.isTaken ? "none" : "\(BiasChoice.usualRank)"
        return
            "a bias for each image was \(bias.isTaken ? "taken" : "not taken"): with it \(figures(bias.with)), without it "
            + "\(figures(bias.without)); --dynamic-bias \(option) \(bias.isTaken ? "leaves it out" : "takes it")"
    }

    private static func memory(_ activations: Calibration.Activations) -> String {
        let size = Quantity.fixed(Double(activations.bytes) / Double(1 << 20), decimals: 1)
        return "the activations of \(activations.images) calibration images took at most \(size) MiB, "
            + (activations.areInFiles
                ? "which lay in temporary files: --max-memory allows less" : "in memory")
    }

    private static func reduction(_ network: ConvertedNetwork) -> BlockReduction? {
        guard case .calibrated(let recipe, _) = network.network.request.recipe else { return nil }
        return recipe.reduction
    }

    /// The options that ask for the other choice of the same things; nil if none do.
    private static func words(for reduction: BlockReduction, isRouted: Bool) -> String? {
        switch (reduction.units, isRouted) {
        case (.hidden, false), (.any, false): "--router fixed"
        case (.hidden, true): "--router topk"
        case (.channels, false): "--route channels --router fixed"
        case (.channels, true): "--router pairs"
        case (.any, true): nil
        }
    }

    private static func percent(_ share: Double) -> String {
        "\(Quantity.fixed(100 * share, decimals: 1)) %"
    }

    /// Notes on the scale of generated images.
    private static func images(_ network: ConvertedNetwork) -> [String] {
        guard let scale = network.fitted.pixelScale else {
            return network.fitted.imageNote.map { [$0] } ?? []
        }
        let mean = scale.mean.map { Quantity.fixed($0, decimals: 3) }.joined(separator: ", ")
        return [
            "generated images were scaled as the statistics of the first BatchNormalization say: brightness from 0 "
                + "to 1 times \(Quantity.fixed(scale.factor, decimals: 3)) less \(mean)"
        ]
    }
}
