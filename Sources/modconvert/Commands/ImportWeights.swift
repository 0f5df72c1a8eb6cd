import ArgumentParser
import GraphIR
import MixtureOfDepths
import ONNXFormat
import Report
import TensorFiles

/// `modconvert import-weights`: puts trained values back into the graph that was trained.
struct ImportWeights: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import-weights",
        abstract: "Put the weights of a network that was trained in PyTorch back into its ONNX file.",
        discussion: """
            The trained file is what PyTorch saved of the network that onnx2torch made of the first file: an \
            exported .onnx, or its state dict as .safetensors or .npz. Parameters are found by name, and their \
            shapes must be the same. The manifest stays, and so do all nodes.
            """)

    @Argument(help: "The ONNX file that was trained.", completion: .model)
    var model: String

    @Argument(
        help: "The trained network: .onnx, .safetensors or .npz.",
        completion: .file(extensions: ["onnx", "safetensors", "npz"]))
    var trained: String

    @Option(
        name: .shortAndLong, help: ArgumentHelp("The ONNX file to write.", valueName: "file"),
        completion: .model)
    var output: String

    @OptionGroup var writing: ModelOutputOptions
    @OptionGroup(title: "Limits") var limits: LimitOptions
    @OptionGroup var results: OutputOptions

    func run() throws {
        let console = Console(results)
        try results.json?.check(against: [model, trained, output])
        guard output != model, output != trained else {
            throw UsageError("--output \(output)", "names a source", remedy: "name another file")
        }
        guard [".onnx", ".safetensors", ".npz"].contains(where: trained.lowercased().hasSuffix) else {
            throw UsageError(
                trained, "is no .onnx, .safetensors or .npz file",
                remedy: "save the state dict by safetensors.torch.save_file or numpy.savez")
        }
        try writing.check(output)
        let source = try console.step("reading \(model)") {
            try ONNXFile.read(path: model, limits: limits.reading)
        }
        let tensors = try about(trained) {
            try console.step("reading \(trained)") { try self.tensors() }
        }
        let result = try about(model) { try WeightImport.run(tensors, into: source) }
        let sha256 = Fingerprint.sha256(try MappedFile(path: trained).bytes)
        var updated = result.model
        let key = Manifest.prefix + Manifest.trainedKey
        updated.metadata.removeAll { $0.key == key }
        updated.metadata.append(MetadataEntry(key: key, value: sha256))
        try console.step("writing \(output)") {
            try writing.write(updated, to: output, madeFrom: source)
        }
        let report = WeightImportReport(
            model: model, trained: trained, trainedSHA256: sha256, output: output, result)
        try console.show(report.text)
        try console.write(json: report)
    }

    private func tensors() throws -> TrainedTensors {
        if trained.lowercased().hasSuffix(".onnx") {
            return try TrainedTensors(ONNXFile.read(path: trained, limits: limits.reading).graph)
        }
        return try TrainedTensors(
            TensorFile.read(path: trained).compactMap { entry in
                entry.name.map { (name: $0, tensor: entry.tensor) }
            })
    }
}
