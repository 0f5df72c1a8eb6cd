import ArgumentParser
import ONNXFormat
import Runtime

/// The limits of model files, to be raised for files that are trusted and large. docs/limits.md lists all
/// limits.
struct LimitOptions: ParsableArguments {
    @Option(help: ArgumentHelp("Nodes that a model may have.", valueName: "count", visibility: .hidden))
    var maxNodes = ImportLimits.default.nodes

    @Option(
        help: ArgumentHelp(
            "Memory that a model's description (default: 1G), its unpacked weights (4G) and a run (8G) may take each.",
            valueName: "size", visibility: .hidden))
    var maxMemory: ByteSize?

    @Option(
        help: ArgumentHelp(
            "Operations that one run of a model may take.", valueName: "count", visibility: .hidden))
    var maxOperations = RunLimits().operations

    func validate() throws {
        guard maxNodes > 0 else { throw ValidationError("--max-nodes takes a number of at least 1") }
        guard maxOperations > 0 else {
            throw ValidationError("--max-operations takes a number of at least 1")
        }
    }

    /// The limits of reading model files.
    var reading: ImportLimits {
        var limits = ImportLimits.default
        limits.nodes = maxNodes
        if let maxMemory {
            limits.descriptionBytes = maxMemory.bytes
            limits.unpackedTensorBytes = maxMemory.bytes
        }
        return limits
    }

    /// The limits of running models.
    var running: RunLimits {
        var limits = RunLimits()
        if let maxMemory { limits.memory = maxMemory.bytes }
        limits.operations = maxOperations
        return limits
    }
}

/// A number of bytes such as `512M` or `16G`; the suffixes K, M, G and T stand for powers of 1024.
struct ByteSize: ExpressibleByArgument {
    let bytes: Int

    init?(argument: String) {
        let shift = argument.last.flatMap { ["K": 10, "M": 20, "G": 30, "T": 40][$0.uppercased()] }
        guard let number = Int(shift == nil ? argument : String(argument.dropLast())), number > 0 else {
            return nil
        }
        let (bytes, overflow) = number.multipliedReportingOverflow(by: 1 << (shift ?? 0))
        guard !overflow else { return nil }
        self.bytes = bytes
    }
}
