import ArgumentParser
import MixtureOfDepths

/// The command line: parses, calls the stages, prints. Each subcommand has one file in `Commands/`.
@main
struct ModConvert: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "modconvert",
        abstract: "Convert a ResNet ONNX file into a CNN Mixture-of-Depths network.",
        discussion: """
            `modconvert resnet50.onnx --mod-ratio 0.5` writes resnet50.mod-0.5.onnx: every other residual \
            block of a stage computes on half of its channels. A trained network is calibrated on generated \
            images and goes on predicting; an untrained one gets the paper's blocks, whose selectors pick \
            channels for each image. Without a subcommand, `convert` is meant.

            Exit codes: 0 done, 1 a check failed, 64 wrong usage, 65 a file that cannot be handled, 66 no \
            such file, 73 the output cannot be created, 74 writing failed.
            """,
        version: "\(ModConvertVersion.producer) \(ModConvertVersion.text)",
        subcommands: [
            Convert.self, Build.self, Run.self, Macs.self, Verify.self, Inspect.self, Evaluate.self,
            Merge.self, Sweep.self, ImportWeights.self, Explain.self, Optimize.self, Quantize.self, Diff.self,
            Compare.self, Bench.self, Profile.self, Completions.self, Manual.self,
        ],
        defaultSubcommand: Convert.self)

    static func main() { Launcher.launch(Array(CommandLine.arguments.dropFirst())) }
}
