import ArgumentParser

/// The command line: parses, calls the stages, prints.
@main
struct ModConvert: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "modconvert",
        abstract: "Convert a ResNet ONNX file into a CNN Mixture-of-Depths network.")
}
