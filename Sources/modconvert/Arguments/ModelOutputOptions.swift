import ArgumentParser
import FoundationEssentials
import GraphIR
import ONNXFormat

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

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
        guard path != StandardStream.name else { return try checkStandardOutput() }
        _ = try AtomicFile(path: path, overwrite: force)
        if externalData { _ = try AtomicFile(path: ONNXFile.dataPath(of: path), overwrite: force) }
    }

    /// Refuses an output that would replace its source, or share standard output with JSON.
    ///
    /// - Throws: `UsageError`.
    static func checkSeparate(_ output: String, from source: String, _ json: JSONDestination?) throws {
        let isStandardOutput = output == StandardStream.name
        guard output != source || isStandardOutput else {
            throw UsageError("--output \(output)", "names the source", remedy: "name another file")
        }
        guard !isStandardOutput || json != .standardOutput else {
            throw UsageError(
                "--json", "goes to standard output, and so does the model",
                remedy: "name a file for one of them")
        }
    }

    private func checkStandardOutput() throws {
        guard !StandardOutput.isTerminal, !externalData else {
            throw UsageError(
                "--output -", externalData ? "excludes --external-data" : "standard output is a terminal",
                remedy: "name a file")
        }
    }

    /// Writes the model and, if its weights have a file of their own, that file. To standard output, it goes through a
    /// temporary file, so that nothing is written if it cannot be completed.
    ///
    /// - Parameter source: the model from which it was made.
    /// - Returns: the bytes of the model's file, without those of its weights' own file.
    /// - Throws: `UsageError` if the weights would replace those of the source; the errors of
    ///   `ONNXFile.write`.
    @discardableResult
    func write(_ model: Model, to path: String, madeFrom source: Model? = nil) throws -> Int {
        guard path != StandardStream.name else {
            guard !ONNXFile.writesExternalData(model, .automatic) else {
                throw UsageError(
                    "--output -", "the model exceeds 2 GiB, so its weights need a file beside it",
                    remedy: "name a file")
            }
            let folder = TemporaryFile.namedFolder ?? "/tmp"
            let file = "\(folder)/modconvert-\(getpid()).onnx"
            defer { unlink(file) }
            try ONNXFile.write(model, to: file, overwrite: false, externalData: .automatic)
            try StandardStream.output(file)
            return try MappedFile(path: file).bytes.count
        }
        let data = ONNXFile.dataPath(of: path)
        if let source, ONNXFile.writesExternalData(model, policy), source.weightFiles.contains(resolved(data))
        {
            throw UsageError(
                "--output \(path)", "its weights would replace \(data), which holds the source's",
                remedy: "name another file")
        }
        try ONNXFile.write(model, to: path, overwrite: force, externalData: policy)
        return try MappedFile(path: path).bytes.count
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
