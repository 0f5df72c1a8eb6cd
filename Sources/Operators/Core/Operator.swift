import GraphIR

/// Everything that is true of one ONNX operator.
///
/// Each operator is one type in a file of its own in `Library/`, and is listed in `OperatorRegistry`. It
/// states the opset versions at which the operator's definition changed, its attributes and arity, the types
/// and shapes of its outputs, its cost, and its computation in plain loops.
public protocol Operator: Sendable {
    /// The operator's name in ONNX, such as `Conv`.
    var name: String { get }
    /// The operator's domain; empty for the default ONNX domain.
    var domain: String { get }
    /// The opset versions that introduced or changed the operator, ascending. A model uses the last version
    /// that is not later than its opset.
    var versions: [Int] { get }
    /// Attributes and arity at an opset version.
    func schema(opset: Int) -> OperatorSchema

    /// The types of the outputs, as far as they follow from the known facts about the inputs.
    ///
    /// An extent that does not follow is `.unknown`; a symbol is passed on where the extent is the same.
    ///
    /// - Throws: `OperatorError` where the inputs contradict the operator's definition.
    func inferTypes(_ context: OperatorContext) throws(OperatorError) -> [TensorType?]

    /// The contents of the first output if it is a small integer tensor that describes a shape, each element
    /// a number or a symbol. Nil if the operator does not compute shapes or the contents are unknown.
    func inferExtents(_ context: OperatorContext) throws(OperatorError) -> [Dim]?

    /// The cost of one application; nil if an extent that it depends on is unknown.
    func cost(_ context: OperatorContext) -> Cost?

    /// Whether training would change a constant at an input position: a weight, bias or scale, but not a
    /// running statistic, a shape or an index.
    func isTrainable(_ constant: Tensor, at position: Int) -> Bool

    /// The outputs, computed from the operator's definition by plain loops: slow, obvious, and the oracle for
    /// the runtime's kernels. Sums are accumulated in double precision.
    ///
    /// - Throws: `OperatorError` where the inputs contradict the operator's definition.
    func evaluate(_ context: OperatorContext, _ inputs: [Tensor?]) throws -> [Tensor]
}

extension Operator {
    public var domain: String { "" }
    public func inferExtents(_ context: OperatorContext) throws(OperatorError) -> [Dim]? { nil }

    public func isTrainable(_ constant: Tensor, at position: Int) -> Bool { false }

    /// One elementary operation per output element, unless an operator overrides it.
    public func cost(_ context: OperatorContext) -> Cost? { Cost.elementwise(context) }
}

/// The attributes of an operator, and the number of its inputs and outputs.
public struct OperatorSchema: Sendable {
    /// The type of an attribute's value; `flag` is an integer that is 0 or 1, `opaque` any other type.
    public enum AttributeKind: Sendable {
        case int, flag, float, string, tensor, graph, ints, floats, strings, opaque
    }

    /// An attribute of an operator.
    public struct AttributeRule: Sendable {
        /// The attribute's name.
        public let name: String
        /// The required type of its value.
        public let kind: AttributeKind
        /// Whether every node must have it.
        public let isRequired: Bool

        /// An optional attribute.
        public static func optional(_ name: String, _ kind: AttributeKind) -> AttributeRule {
            AttributeRule(name: name, kind: kind, isRequired: false)
        }

        /// A required attribute.
        public static func required(_ name: String, _ kind: AttributeKind) -> AttributeRule {
            AttributeRule(name: name, kind: kind, isRequired: true)
        }
    }

    /// The allowed number of inputs.
    public let inputs: ClosedRange<Int>
    /// The allowed number of outputs.
    public let outputs: ClosedRange<Int>
    /// The allowed attributes.
    public let attributes: [AttributeRule]

    /// - Parameters:
    ///   - inputs: the allowed number of inputs; those below the lower bound must be present.
    ///   - outputs: the allowed number of outputs.
    ///   - attributes: the allowed attributes.
    public init(
        inputs: ClosedRange<Int>, outputs: ClosedRange<Int> = 1...1, _ attributes: AttributeRule...
    ) {
        self.init(inputs: inputs, outputs: outputs, attributes)
    }

    /// The same, with a list of attributes.
    public init(inputs: ClosedRange<Int>, outputs: ClosedRange<Int> = 1...1, _ attributes: [AttributeRule]) {
        self.inputs = inputs
        self.outputs = outputs
        self.attributes = attributes
    }

    /// "Any number" for variadic inputs and outputs.
    public static let unbounded = Int(Int32.max)
}
