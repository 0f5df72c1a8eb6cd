import GraphIR

/// A part of the program that reads what it is given, driven by arbitrary bytes.
///
/// A target runs the bytes and either returns, whatever they mean, or throws a `Finding`; traps and memory
/// errors are for the fuzzer to notice. The same targets replay the inputs of `fixtures/fuzz` as tests.
public enum FuzzTarget: String, Sendable, CaseIterable {
    /// Reading a model file: the wire walker, the importer, type inference; writing and rereading it.
    case model
    /// One operator on small tensors: its shape rule, cost and plain evaluation, and the runtime's kernels.
    case `operator`
    /// Reading `.npy`, `.npz` and `.pb` files, writing and rereading them.
    case tensor
    /// Reading PNG and JPEG images.
    case image
    /// The whole conversion of a model: canonicalise, recognise, plan, apply, write, reread, run.
    case conversion

    /// A small quantised graph: the same bytes on every instruction set, within a step of the reference evaluation.
    case quantized

    /// A broken promise of the code under test.
    public struct Finding: Error, CustomStringConvertible {
        public let description: String
        init(_ description: String) { self.description = description }
    }

    /// Whether the bytes are a protobuf message, for which a mutator that keeps its structure pays.
    public var takesMessages: Bool { self == .model || self == .conversion }

    /// - Throws: `Finding`.
    public func run(_ bytes: UnsafeRawBufferPointer) throws(Finding) {
        switch self {
        case .model: try ModelTarget.run(ByteRegion(copying: bytes))
        case .operator: try OperatorTarget.run(bytes)
        case .tensor: try TensorTarget.run(bytes)
        case .image: try ImageTarget.run(ByteRegion(copying: bytes))
        case .conversion: try ConversionTarget.run(ByteRegion(copying: bytes))
        case .quantized: try QuantizedTarget.run(bytes)
        }
    }
}

/// Does `work`; nil if it refuses the input with a diagnosable error of one line.
///
/// - Throws: `Finding` for any other error.
func answer<Result>(_ work: () throws -> Result) throws(FuzzTarget.Finding) -> Result? {
    do {
        return try work()
    } catch let error as any DiagnosableError {
        guard !error.diagnostic.line.contains(where: \.isNewline) else {
            throw FuzzTarget.Finding("an error of several lines: \(error)")
        }
        return nil
    } catch {
        throw FuzzTarget.Finding("an error that is not diagnosable: \(error)")
    }
}
