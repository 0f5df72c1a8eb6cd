import GraphIR

/// An operator that `OperatorRegistry` does not have, and the error about it.
public struct UnknownOperator: Sendable, Equatable {
    /// The operator's domain; empty for ONNX's own.
    public let domain: String
    /// The operator's name.
    public let name: String

    /// The operator with that domain and name.
    public init(domain: String = "", name: String) {
        self.domain = domain
        self.name = name
    }

    /// The operator that a node applies.
    public init(_ node: Node) { self.init(domain: node.domain, name: node.operatorType) }

    /// Whether the ONNX standard defines it.
    public var isStandard: Bool {
        (domain.isEmpty || domain == "ai.onnx") && StandardOperators.names.contains(name)
    }

    /// The error, without the file.
    ///
    /// - Parameter place: the node as diagnostics name it.
    public func diagnostic(place: String) -> Diagnostic {
        if isStandard {
            return Diagnostic(
                .badData, place: place, problem: "modconvert has no kernel for \(name)",
                remedy: "export the model without this operator")
        }
        return Diagnostic(
            .badData, place: place,
            problem: domain.isEmpty
                ? "ONNX has no operator \(name)" : "operators of domain \"\(domain)\" are not supported",
            remedy: "export the model with standard ONNX operators")
    }
}
