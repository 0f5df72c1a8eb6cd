import ArgumentParser
import GraphIR
import MixtureOfDepths
import ModelZoo
import ONNXFormat
import Operators
import Report

/// `modconvert build`: the paper's networks with seeded weights.
struct Build: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "build",
        abstract: "Write one of the paper's networks with seeded He-normal weights.",
        discussion: "Networks: \(Architecture.all.map(\.name).joined(separator: ", ")).")

    @Argument(
        help: "The network's name, such as resnet50 or resnet75-mod.",
        completion: .list(Architecture.all.map(\.name)))
    var name: String

    @Option(
        name: .shortAndLong, help: ArgumentHelp("The ONNX file to write.", valueName: "file"),
        completion: .model)
    var output: String

    @Option(help: "Classes of the last layer.")
    var classes = 1000

    @Option(help: ArgumentHelp("Batch, channels, height and width.", valueName: "NxCxHxW"))
    var input = Extents(values: ["1", "3", "224", "224"])

    @Option(
        help: ArgumentHelp("The input's batch: a number, or a name such as N for any.", valueName: "batch"))
    var batch: String?

    @Option(
        help:
            "Channels of the first convolution (default: the network's own, 64, or 32 for MobileNetV2); all others follow: stage s of a bottleneck network is 4 * width * 2^s wide."
    )
    var width: Int?

    @Option(help: ArgumentHelp("Blocks of each stage (default: the network's own).", valueName: "list"))
    var depths: NumberList?

    @OptionGroup(title: "MoD blocks") var ratio: RatioOptions

    @Option(
        help: "Who chooses: topk (a selector, for each sample; the default) or fixed (nobody: the first k).")
    var router: Router?

    @Option(
        help:
            "What is chosen: channels (the block's inputs, as in the paper; the default) or hidden (the units between the block's convolutions; inputs and outputs all stay)."
    )
    var route: RouteName?

    @OptionGroup(title: "MoD blocks") var training: TrainingArguments

    @OptionGroup(title: "MoD blocks") var target: TargetArguments

    @Option(help: "BatchNormalization as nodes of its own, or folded into the convolutions.")
    var bn = BuildOptions.BatchNormalization.separate

    @Option(help: "Seed of the weights.")
    var seed: UInt64 = 0

    @OptionGroup var writing: ModelOutputOptions
    @OptionGroup var results: OutputOptions

    func validate() throws {
        if training.initialization == .slice {
            throw ValidationError("--init slice goes with `modconvert convert`: here is no source to cut")
        }
        if training.modWidth != nil, route != .hidden {
            throw ValidationError("--mod-width goes with --route hidden")
        }
    }

    func run() throws {
        let console = Console(results)
        try results.json?.check(against: [output])
        let architecture = try self.architecture()
        let options = try self.options(architecture)
        try writing.check(output)
        let model = try console.step("building \(name)") {
            try NetworkBuilder.build(architecture, options).model
        }
        try writing.write(model, to: output)
        let report = BuildReport(
            name: architecture.name, file: output, depths: architecture.depths, model: model,
            count: MACCount(model.graph))
        try console.show(report.text)
        try console.write(json: report)
    }

    private func architecture() throws -> Architecture {
        guard var architecture = Architecture.named(name) else {
            throw UsageError(
                "build \(name)", "no such network",
                remedy: "name one of: \(Architecture.all.map(\.name).joined(separator: ", "))")
        }
        if !architecture.isMoD, let option = optionOfBlocks {
            throw UsageError(
                option, "\(architecture.name) has no MoD blocks",
                remedy: "build \(architecture.name)-mod, or convert the file that is built")
        }
        if let depths { architecture.depths = depths.values }
        return architecture
    }

    /// An option given by the user that applies to MoD blocks only.
    private var optionOfBlocks: String? {
        if ratio.isGiven { return ratio.modRatio == nil ? "--mod-reduction" : "--mod-ratio" }
        if router != nil { return "--router" }
        if route != nil { return "--route" }
        if training.isGiven { return training.modWidth == nil ? "--init" : "--mod-width" }
        return nil
    }

    private func options(_ architecture: Architecture) throws -> BuildOptions {
        var extents = input.values
        if let batch {
            if extents.count == 4 { extents[0] = batch } else { extents.insert(batch, at: 0) }
        }
        if extents.count == 3 { extents.insert("1", at: 0) }
        let sizes = extents.dropFirst().compactMap { Int($0) }
        guard extents.count == 4, sizes.count == 3, let first = extents.first, let batch = Batch(first) else {
            throw UsageError(
                "--input \(input.values.joined(separator: "x"))", "is not batch, channels, height and width",
                remedy: "write it as 1x3x224x224 or Nx3x224x224")
        }
        return BuildOptions(
            classes: classes, batch: batch.value, input: sizes, width: width, batchNormalization: bn,
            blocks: try blocks(architecture), seed: seed)
    }

    /// How the MoD blocks are made; nil for a network without them.
    private func blocks(_ architecture: Architecture) throws -> PaperRecipe? {
        guard architecture.isMoD, var recipe = architecture.usualBlocks else { return nil }
        if let ratio = try ratio.ratio { recipe.ratio = ratio }
        recipe.route = route == .hidden ? .hidden(multiple: training.modWidth ?? 1) : .channels
        recipe.weights = training.initialization ?? .he
        recipe.target = target.value ?? (bn == .separate ? .training : .standard)
        recipe.router = try recipe.target.router(router)
        return recipe
    }
}

/// A batch extent: a number, or a name for any number.
private struct Batch {
    let value: BuildOptions.Batch

    init?(_ text: String) {
        if let count = Int(text) {
            value = .fixed(count)
        } else if let first = text.first, first.isLetter || first == "_" {
            value = .symbol(text)
        } else {
            return nil
        }
    }
}
