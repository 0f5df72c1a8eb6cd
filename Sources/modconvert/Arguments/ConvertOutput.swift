import ArgumentParser
import GraphIR

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// The file that a conversion writes.
struct ConvertOutput: ParsableArguments {
    @Option(
        name: .shortAndLong,
        help: ArgumentHelp(
            "The ONNX file to write (default: <name>.mod-<ratio>.onnx beside the source).", valueName: "file"),
        completion: .model)
    var output: String?

    @Option(
        help: ArgumentHelp(
            "Convert several files into this folder, each under its default name; it is made if it is missing.",
            valueName: "folder"), completion: .directory)
    var outputDir: String?

    @Flag(help: "Print the plan; calibrate nothing, write nothing.")
    var dryRun = false

    @Flag(inversion: .prefixedNo, help: "Verify the result before it is written.")
    var verify = true

    /// One file to convert.
    struct Place {
        let model: String
        /// Nil for the default.
        let output: String?
    }

    /// The conversions that the arguments ask for: `IN`, `IN OUT`, or with `--output-dir` any number of files.
    ///
    /// - Parameter writesOther: whether the command writes another file for the conversion, such as a page.
    /// - Throws: `UsageError` for arguments that contradict each other; `FileError` if the folder cannot be made.
    func places(_ models: [String], writesOther: Bool) throws -> [Place] {
        guard let outputDir else {
            guard models.count <= 2 else {
                throw UsageError(
                    models[2], "is a third file", remedy: "convert several files with --output-dir FOLDER")
            }
            guard models.count < 2 || output == nil else {
                throw UsageError(
                    "--output \(output ?? "")", "\(models[1]) is named as the output already",
                    remedy: "leave one of them out, or convert several files with --output-dir FOLDER")
            }
            return [Place(model: models[0], output: models.count == 2 ? models[1] : output)]
        }
        guard output == nil, models.count == 1 || !writesOther, !models.contains(StandardStream.name) else {
            throw UsageError(
                "--output-dir \(outputDir)",
                "excludes --output and standard input, and with several files --json and --report",
                remedy: "convert such a file by itself")
        }
        if !dryRun, mkdir(outputDir, 0o777) != 0, errno != EEXIST {
            throw FileError(
                path: outputDir, kind: .cannotCreate,
                problem: "cannot be made: \(String(cString: strerror(errno)))")
        }
        return models.map { Place(model: $0, output: nil) }
    }

    /// Whether the converted model goes to standard output.
    func writesToStandardOutput(_ model: String) -> Bool {
        output == StandardStream.name || (output == nil && model == StandardStream.name)
    }

    /// The file to write: `resnet50.onnx` at 1/64 gives `resnet50.mod-1-64.onnx` in the same folder, or in that of
    /// `--output-dir`.
    func destination(of model: String, _ goal: String) -> String {
        if let output { return output }
        guard model != StandardStream.name else { return model }
        let name = model.addingBeforeExtension(".mod-" + String(goal.map { $0 == "/" ? "-" : $0 }))
        guard let outputDir else { return name }
        return outputDir + "/" + (name.split(separator: "/").last ?? "")
    }
}
