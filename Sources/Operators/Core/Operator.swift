import GraphIR

/// All that is true of one ONNX operator.
///
/// A conforming type lives in a file of its own in `Library/` and is listed in `OperatorRegistry`. It states
/// the opset versions at which the operator's definition changed, its attributes and arity, how types
/// and shapes follow from its inputs, what it costs, and, plainly, what it computes.
public protocol Operator: Sendable {
    /// The operator's name in ONNX, such as `Conv`.
    var name: String { get }
    /// The operator's domain; empty for the default ONNX domain.
    var domain: String { get }
    /// The opset versions that introduced or changed the operator, ascending. A model that imports a later
    /// opset uses the last version that is not later.
    var versions: [Int] { get }
    /// Attributes and arity at an opset version.
    func schema(opset: Int) -> OperatorSchema

    /// The types of the outputs, as far as they follow from what is known of the inputs.
    ///
    /// Extents that do not follow are `.unknown`; a symbol is carried through where the extent is the same.
    ///
    /// - Throws: `OperatorError` where the inputs contradict the operator's definition.
    func inferTypes(_ context: OperatorContext) throws(OperatorError) -> [TensorType?]

    /// The contents of the first output, where it is a small integer tensor that describes a shape: each
    /// element a number or a symbol. Nil if the operator does not compute shapes or the contents are unknown.
    func inferExtents(_ context: OperatorContext) throws(OperatorError) -> [Dim]?

    /// What one application costs; nil if an extent that it depends on is unknown.
    func cost(_ context: OperatorContext) -> Cost?

    /// Whether training would change a constant at an input position: a weight, bias or scale; not a running
    /// statistic, a shape or an index.
    func isTrainable(_ constant: Tensor, at position: Int) -> Bool

    /// The outputs, computed from the operator's definition by plain loops: slow, obvious, and the oracle
    /// that the runtime's kernels are checked against. Sums are accumulated in double precision.
    ///
    /// - Throws: `OperatorError` where the inputs contradict the operator's definition.
    func evaluate(_ context: OperatorContext, _ inputs: [Tensor?]) throws -> [Tensor]
}

extension Operator {
    public var domain: String { "" }
    public func inferExtents(_ context: OperatorContext) throws(OperatorError) -> [Dim]? { nil }

    public func isTrainable(_ constant: Tensor, at position: Int) -> Bool { false }

    /// One elementary operation per output element unless an operator says otherwise.
    public func cost(_ context: OperatorContext) -> Cost? { Cost.elementwise(context) }
}

/// The attributes that an operator takes and how many inputs and outputs.
public struct OperatorSchema: Sendable {
    /// The type of an attribute's value; `flag` for an integer that is 0 or 1, `opaque` for any other type.
    public enum AttributeKind: Sendable {
        case int, flag, float, string, tensor, graph, ints, floats, strings, opaque
    }

    /// An attribute that an operator takes.
    public struct AttributeRule: Sendable {
        /// The attribute's name.
        public let name: String
        /// The type that its value must have.
        public let kind: AttributeKind
        /// Whether a node has to have it.
        public let isRequired: Bool

        /// An attribute that a node may leave out.
        public static func optional(_ name: String, _ kind: AttributeKind) -> AttributeRule {
            AttributeRule(name: name, kind: kind, isRequired: false)
        }

        /// An attribute that a node has to have.
        public static func required(_ name: String, _ kind: AttributeKind) -> AttributeRule {
            AttributeRule(name: name, kind: kind, isRequired: true)
        }
    }

    /// How many inputs a node may list.
    public let inputs: ClosedRange<Int>
    /// How many outputs it may list.
    public let outputs: ClosedRange<Int>
    /// The attributes that it may have.
    public let attributes: [AttributeRule]

    /// - Parameters:
    ///   - inputs: how many inputs may be listed; positions below the lower bound must be present.
    ///   - outputs: how many outputs may be listed.
    ///   - attributes: which attributes a node may have.
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
