import ArgumentParser
import Foundation
import GraphIR
import ONNXFormat

/// The options for writing a model.
struct ModelOutputOptions: ParsableArguments {
    @Flag(help: "Replace the output file if it exists.")
    var force = false

    @Flag(
        help:
            "Write the weights beside the model, into <output>.data, as is done beyond 2 GiB in any case.")
    var externalData = false

    private var policy: ExternalDataPolicy { externalData ? .always : .automatic }

    /// Refuses an output that could not be written, before any work is done.
    ///
    /// - Throws: `FileError`.
    func check(_ path: String) throws {
        _ = try AtomicFile(path: path, overwrite: force)
        if externalData { _ = try AtomicFile(path: ONNXFile.dataPath(of: path), overwrite: force) }
    }

    /// Writes the model and, if its weights have a file of their own, that file.
    ///
    /// - Parameter source: the model from which it was made.
    /// - Throws: `UsageError` if the weights would replace those of the source; the errors of
    ///   `ONNXFile.write`.
    func write(_ model: Model, to path: String, madeFrom source: Model? = nil) throws {
        let data = ONNXFile.dataPath(of: path)
        if let source, ONNXFile.writesExternalData(model, policy), source.weightFiles.contains(resolved(data))
        {
            throw UsageError(
                "--output \(path)", "its weights would replace \(data), which holds the source's",
                remedy: "name another file")
        }
        try ONNXFile.write(model, to: path, overwrite: force, externalData: policy)
    }

    private func resolved(_ path: String) -> String { URL(filePath: path).resolvingSymlinksInPath().path }
}

extension String {
    /// `resnet50.onnx` with `.optimized` gives `resnet50.optimized.onnx`, in the same folder.
    func addingBeforeExtension(_ addition: String) -> String {
        let suffix = ".onnx"
        return (hasSuffix(suffix) ? String(dropLast(suffix.count)) : self) + addition + suffix
    }
}
