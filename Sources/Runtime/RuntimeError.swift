import GraphIR
import Operators

/// Inputs that do not fit a graph, or a graph that cannot be run.
public enum RuntimeError: DiagnosableError, Equatable {
    case missingInput(String)
    case unknownInput(String, known: [String])
    case inputType(String, expected: ElementType, found: ElementType)
    case inputShape(String, expected: Shape, found: [Int])
    case symbol(String, first: Int, second: Int, input: String)
    case unknownTap(String)
    case unsupportedOperator(node: String, UnknownOperator)
    case unexpectedOutput(node: String, planned: TensorType?, computed: TensorType)
    case notComputed(String)
    case invalidIndex(node: String, index: Int, extent: Int)
    case outOfMemory(bytes: Int?)
    /// More than `RunLimits` allows; the command-line flag raises the limit.
    case limit(String, flag: String)
    case unknownInstructionSet(String)
    case unsupportedInstructionSet(InstructionSet)

    public var diagnostic: Diagnostic {
        switch self {
        case .missingInput(let name):
            Diagnostic(
                .badData, place: "input \"\(name)\"", problem: "is not given", remedy: "give a tensor for it")
        case .unknownInput(let name, let known):
            Diagnostic(
                .badData, place: "input \"\(name)\"", problem: "the model has no such input",
                remedy: "name one of: \(known.joined(separator: ", "))")
        case .inputType(let name, let expected, let found):
            Diagnostic(
                .badData, place: "input \"\(name)\"",
                problem: "the model takes \(expected.onnxName) elements, these are \(found.onnxName)",
                remedy: "convert the tensor to \(expected.onnxName)")
        case .inputShape(let name, let expected, let found):
            Diagnostic(
                .badData, place: "input \"\(name)\"",
                problem: "the model takes \(expected), the tensor is \(Shape(found))",
                remedy: "give a tensor of shape \(expected)")
        case .symbol(let symbol, let first, let second, let input):
            Diagnostic(
                .badData, place: "input \"\(input)\"",
                problem: "extent \(symbol) is \(second) here and \(first) in another place",
                remedy: "give inputs that agree on \(symbol)")
        case .unknownTap(let name):
            Diagnostic(
                .usage, place: "value \"\(name)\"", problem: "the graph has no such value",
                remedy: "name a value of the graph")
        case .unsupportedOperator(let node, let name): name.diagnostic(place: node)
        case .unexpectedOutput(let node, let planned, let computed):
            Diagnostic(
                .badData, place: node,
                problem: "computes \(computed) where \(planned?.description ?? "another type") is inferred")
        case .notComputed(let name):
            Diagnostic(.badData, place: "value \"\(name)\"", problem: "is not computed by its node")
        case .invalidIndex(let node, let index, let extent):
            Diagnostic(
                .badData, place: node, problem: "index \(index) is outside 0..<\(extent)",
                remedy: "check the indices that the model is given or computes")
        case .unknownInstructionSet(let name):
            Diagnostic(
                .usage, place: InstructionSet.variable, problem: "\"\(name)\" is no instruction set",
                remedy: "set it to \(InstructionSet.supported.map(\.rawValue).joined(separator: ", "))")
        case .unsupportedInstructionSet(let set):
            Diagnostic(
                .usage, place: InstructionSet.variable, problem: "this processor has no \(set.rawValue)",
                remedy: "set it to \(InstructionSet.supported.map(\.rawValue).joined(separator: ", "))")
        case .limit(let problem, let flag):
            Diagnostic(
                .badData, problem: problem,
                remedy: "use a smaller input, or raise \(flag) if the file is trusted")
        case .outOfMemory(let bytes):
            Diagnostic(
                .badData,
                problem: bytes.map { "running the model takes \($0) bytes, which cannot be had" }
                    ?? "running the model takes more memory than can be addressed",
                remedy: "use a smaller batch or input")
        }
    }
}
