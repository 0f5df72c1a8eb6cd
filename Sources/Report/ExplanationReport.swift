import GraphIR
import MixtureOfDepths

/// What a converted file says of its own making, in sentences, and the command that makes it again.
public struct ExplanationReport: Encodable, Sendable {
    let file: String
    let sentences: [String]
    let blocks: [Block]
    /// The words of the command; nil for a network that was built and not converted.
    let command: [String]?
    /// Whether the file that was named as the source is the one; nil if none was.
    let sourceMatches: Bool?

    struct Block: Encodable {
        let scope: String
        let channels: Int
        let processed: Int
        let hidden: [Int]
        let selectorHidden: Int?
        /// Of a calibrated block.
        let kind: String?
        let input: String
        let output: String
    }

    /// - Parameters:
    ///   - command: the words of the command that makes the file again.
    ///   - sourceMatches: whether the file that the user named as the source is the one.
    public init(_ manifest: Manifest, file: String, command: [String]?, sourceMatches: Bool?) {
        self.file = file
        self.command = command
        self.sourceMatches = sourceMatches
        let origin = ExplanationReport.origin(manifest, file)
        if let calibration = manifest.calibration {
            sentences = [
                origin, ExplanationReport.preparation(manifest),
                calibration.placement(manifest), calibration.reduction(manifest),
                calibration.routing(manifest), ExplanationReport.spelling(manifest),
                calibration.weights(manifest), calibration.images,
            ].compactMap { $0 }
        } else {
            sentences = [
                origin, ExplanationReport.preparation(manifest),
                ExplanationReport.placement(manifest), ExplanationReport.processing(manifest),
                ExplanationReport.routing(manifest), ExplanationReport.spelling(manifest),
                ExplanationReport.weights(manifest),
            ].compactMap { $0 }
        }
        blocks = manifest.blocks.map { block in
            Block(
                scope: block.scope, channels: block.channels, processed: block.processed,
                hidden: block.hidden, selectorHidden: block.selectorHidden, kind: block.kind,
                input: block.input, output: block.output)
        }
    }

    /// For people, as the command prints it.
    public var text: String {
        var table = TextTable([
            ("block", .left), ("channels", .right), ("processed", .right), ("hidden", .right),
            isCalibrated ? ("kind", .left) : ("selector", .right),
        ])
        for block in blocks {
            table.add([
                block.scope, "\(block.channels)", "\(block.processed)",
                block.hidden.map(String.init).joined(separator: "/"),
                block.kind ?? block.selectorHidden.map(String.init) ?? "none",
            ])
        }
        let paragraphs = sentences.map { "- \($0.escapingControlCharacters)\n" }.joined()
        return [paragraphs, table.text, instructions].joined(separator: "\n")
    }

    private var isCalibrated: Bool { blocks.contains { $0.kind != nil } }

    private var instructions: String {
        guard let command else {
            return "It was built, not converted: `modconvert build` makes such files.\n"
        }
        let introduction =
            switch sourceMatches {
            case nil:
                "To make it again, byte for byte, put the source's path for SOURCE (--source FILE checks it):"
            case true?: "The source is the one. To make the file again, byte for byte:"
            case false?: "The named source is another file. With the right one for SOURCE, byte for byte:"
            }
        return "\(introduction)\n\n    \(ShellCommand(command).text.escapingControlCharacters)\n"
    }
}

extension ExplanationReport {
    private static func origin(_ manifest: Manifest, _ file: String) -> String {
        let tool = "\(ModConvertVersion.producer) \(manifest.version)"
        guard let hash = manifest.sourceSHA256 else {
            return "\(file) is a Mixture-of-Depths network that \(tool) built."
        }
        let producer = manifest.sourceProducer.map { " of \($0)" } ?? ""
        return "\(file) is a Mixture-of-Depths network that \(tool) made from a file\(producer) with the "
            + "SHA-256 \(hash)."
    }

    private static func preparation(_ manifest: Manifest) -> String? {
        var steps = manifest.inputShapes.map { "the input shape was fixed to \($0)" }
        switch manifest.batchNormalization {
        case "folded": steps.append("BatchNormalization was folded into the convolutions")
        case "separate": steps.append("BatchNormalization was made a node of its own after every convolution")
        case let other?: steps.append("BatchNormalization was treated as \(other)")
        case nil: break
        }
        return steps.isEmpty ? nil : "Before the conversion " + steps.joined(separator: ", and ") + "."
    }

    private static func placement(_ manifest: Manifest) -> String {
        let count = manifest.blocks.count
        let noun =
            count == 1 ? "1 residual block became a MoD block" : "\(count) residual blocks became MoD blocks"
        return "\(noun)\(placement(manifest.placement))."
    }

    /// What follows a number of blocks.
    static func placement(_ placement: String) -> String {
        switch placement {
        case "alternate": ": every second one of each stage, as the paper places them"
        case "all": ": all that can be replaced"
        case "appended": ": every second one of those that were appended to the stages"
        default: ", chosen by name: \(placement)"
        }
    }

    private static func processing(_ manifest: Manifest) -> String {
        guard manifest.route != CalibratedForm.Route.hidden.rawValue else {
            let width = manifest.hiddenMultiple.map { "\($0) times as many" } ?? "as many"
            return "Between a block's convolutions stand \(width) units as in the source; of them W * "
                + "\(manifest.ratio), rounded down, count for an image. All inputs and outputs of the block stay."
        }
        var text = "Of a block's C channels k = C * \(manifest.ratio), rounded down, are processed"
        if let unit = manifest.roundTo { text += ", k being a multiple of \(unit)" }
        return text + "; the body between is as much narrower."
    }

    private static func routing(_ manifest: Manifest) -> String {
        guard manifest.router != Router.fixed.rawValue else {
            guard manifest.route == nil else { return "There is no selector: only those units are there." }
            return "There is no selector: the first k channels are processed for every image."
        }
        guard manifest.route == nil else {
            return
                "For each image a selector scores the units of each layer from the means of the block's input "
                + "channels, through C / \(manifest.selectorReduction) hidden units; the highest are multiplied by "
                + "their scores, the others by 0."
        }
        return "For each image a selector scores the channels from their means, through C / "
            + "\(manifest.selectorReduction) hidden units; the k highest go through the body, are multiplied by "
            + "their scores, and are added to the first k channels. The others pass unchanged."
    }

    private static func spelling(_ manifest: Manifest) -> String? {
        switch manifest.emission {
        case Emission.literal.rawValue: nil
        case Emission.train.rawValue:
            "The blocks are spelled for training in PyTorch (--emit \(manifest.emission)); they compute the same."
        default: "The blocks are spelled for speed (--emit \(manifest.emission)); they compute the same."
        }
    }

    private static func weights(_ manifest: Manifest) -> String {
        let start = initialWeights(manifest)
        return manifest.trainedSHA256.map {
            "\(start) Since then all weights were trained, and put in from a file with SHA-256 \($0)."
        } ?? start
    }

    private static func initialWeights(_ manifest: Manifest) -> String {
        let bodies =
            switch WeightsPolicy(rawValue: manifest.weights) {
            case .slice: "The bodies hold slices of the source's weights, those of the most important units"
            case .zero:
                "The bodies' weights were drawn anew, and their last layers start at zero, so that each block "
                    + "passes its input until it is trained"
            case .he, nil: "The bodies' weights were drawn anew (\(manifest.weights))"
            }
        let selectors = manifest.router == Router.fixed.rawValue ? "" : ", the selectors random ones"
        return "\(bodies)\(selectors); the seed is \(manifest.seed)."
    }
}
