import GraphIR
import Operators

/// A fast computation of one plan step, for tensors of fixed types.
///
/// The work is divided into phases, and each phase into independent tasks. The division follows from the
/// shapes alone, never from the number of threads: that makes results bit-identical at any thread count. A
/// sample of a batch is computed by the same operations as it would be alone.
protocol Kernel: Sendable {
    /// The kernel's name in profiles.
    var name: String { get }
    /// The multiply-accumulates of the computation, counted as if it were done directly.
    var macs: Int { get }
    /// Whether these are products of quantised numbers.
    var isQuantized: Bool { get }
    /// Bytes of weights that the kernel keeps and reads.
    var weightBytes: Int { get }
    /// The number of tasks in each phase; a phase starts when the one before has ended.
    var phases: [Int] { get }
    /// Floats of scratch memory that all tasks of the step share.
    var sharedScratch: Int { get }
    /// Floats of scratch memory that each running thread provides.
    var threadScratch: Int { get }

    /// Called before the tasks, on one thread: checks contents that are known only when the step runs, such
    /// as indices, and fills the part of the shared scratch memory that all tasks need.
    ///
    /// - Parameter node: the step's name in errors.
    func prepare(_ operands: Operands, node: String) throws(RuntimeError)

    /// Runs one task.
    func run(phase: Int, task: Int, _ operands: Operands, scratch: UnsafeMutablePointer<Float>)
}

extension Kernel {
    var macs: Int { 0 }
    var isQuantized: Bool { false }
    var weightBytes: Int { 0 }
    var sharedScratch: Int { 0 }
    var threadScratch: Int { 0 }
    func prepare(_ operands: Operands, node: String) throws(RuntimeError) {}
}

/// The addresses of a step's operands. Their types were fixed when the kernel was made.
struct Operands {
    /// The address of every planned value; nil for those that do not exist yet.
    let addresses: UnsafePointer<UnsafeMutableRawPointer?>
    /// The step's operands among the planned values; nil where one is left out.
    let inputs: [Int?]
    let outputs: [Int?]
    let sharedScratch: UnsafeMutablePointer<Float>

    /// The elements of a present input.
    func input<Element>(_ position: Int, of _: Element.Type = Element.self) -> UnsafePointer<Element> {
        guard let pointer: UnsafePointer<Element> = optionalInput(position) else {
            preconditionFailure("operand \(position) is absent")
        }
        return pointer
    }

    func optionalInput<Element>(_ position: Int, of _: Element.Type = Element.self)
        -> UnsafePointer<Element>?
    {
        guard inputs.indices.contains(position), let index = inputs[position], let start = addresses[index]
        else { return nil }
        return UnsafePointer(start.assumingMemoryBound(to: Element.self))
    }

    /// The elements of a present output.
    func output<Element>(_ position: Int = 0, of _: Element.Type = Element.self)
        -> UnsafeMutablePointer<Element>
    {
        guard let index = outputs[position], let start = addresses[index] else {
            preconditionFailure("output \(position) is absent")
        }
        return start.assumingMemoryBound(to: Element.self)
    }
}

/// The planner's request to a kernel family: a node whose tensors all have known types.
struct KernelRequest {
    let node: Node
    let settings: EngineSettings
    let context: OperatorContext
    /// Nil where an optional input is left out.
    let inputs: [ConcreteType?]
    /// Nil where an optional output is left out or unread.
    let outputs: [ConcreteType?]

    func input(_ position: Int) -> ConcreteType? {
        inputs.indices.contains(position) ? inputs[position] : nil
    }

    func hasInput(_ position: Int) -> Bool { input(position) != nil }

    /// Whether all inputs and outputs that are present hold floats.
    var isFloat: Bool {
        (inputs + outputs).allSatisfy { $0.map { $0.elementType == .float32 } ?? true }
    }
}

/// The settings that all kernels of a session share.
struct EngineSettings: Sendable, Equatable {
    let instructionSet: InstructionSet
    /// Threads that share the work. They affect how finely it is divided, never the results.
    let threads: Int
    /// Whether convolutions are summed directly, without Winograd's transforms.
    let isExact: Bool
    /// The limits of making a plan, and of each run.
    var limits = RunLimits()
}

/// An element type of fixed size, and extents.
struct ConcreteType: Sendable, Equatable {
    let elementType: ElementType
    let shape: [Int]
    let elementCount: Int
    let byteCount: Int

    /// Nil for types that a buffer cannot hold: unknown extents, strings, packed sub-byte elements.
    init?(_ type: TensorType?) {
        guard let type, let shape = type.shape?.extents, type.elementType.bitWidth >= 8,
            let count = Shape.elementCount(of: shape),
            let bytes = type.elementType.byteCount(of: count)
        else { return nil }
        elementType = type.elementType
        self.shape = shape
        elementCount = count
        byteCount = bytes
    }
}

/// A kernel for a request, and the planner's options around it.
struct KernelChoice {
    let kernel: any Kernel
    /// The layouts that the kernel reads and writes, one for each input and output of the node; nil if all
    /// are row-major.
    var inputLayouts: [Layout]?
    var outputLayouts: [Layout]?
    /// Constant inputs that the kernel holds itself, so that the step needs no operand for them.
    var heldInputs: Set<Int> = []
    /// Inputs whose memory output 0 may take over if they have no later reader.
    var inPlaceInputs: [Int] = []
}

/// Kernels for some operators.
protocol KernelFamily: SendableMetatype {
    /// The names of the default-domain operators that the family has kernels for.
    static var operators: [String] { get }

    /// A kernel for the request; nil if the family does not cover it.
    ///
    /// - Throws: `OperatorError` where the node contradicts its operator's definition.
    static func choose(_ request: KernelRequest) throws -> KernelChoice?
}
