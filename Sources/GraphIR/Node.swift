/// The identity of a node within its graph. Never reused, stable under edits.
public struct NodeID: Hashable, Comparable, Sendable {
    let index: Int
    public static func < (a: NodeID, b: NodeID) -> Bool { a.index < b.index }
}

/// One application of an operator.
public struct Node: Sendable, Equatable, Identifiable {
    /// The node's identity within its graph.
    public let id: NodeID
    /// The node's own name; may be empty, and need not be unique. Key on output names instead.
    public internal(set) var name: String
    /// The operator's domain; the default ONNX domain is the empty string.
    public internal(set) var domain: String
    /// The operator's name, such as `Conv`.
    public internal(set) var operatorType: String
    /// Nil stands for an omitted optional input.
    public internal(set) var inputs: [ValueID?]
    /// Nil stands for an omitted optional output.
    public internal(set) var outputs: [ValueID?]
    /// The attributes that the node sets; all others have their operator's defaults.
    public internal(set) var attributes: Attributes
    /// Values of this graph that the node's subgraphs read by name.
    public internal(set) var captures: [ValueID]
    /// Distinguishes functions of the same name (IR 10); empty for operators.
    public internal(set) var overload: String
    /// The node's doc string.
    public internal(set) var docString: String
    /// The node's metadata (IR 10).
    public internal(set) var metadata: [MetadataEntry]
    /// The serialised `NodeDeviceConfigurationProto` messages (IR 11), kept unchanged.
    public internal(set) var deviceConfigurations: [[UInt8]] = []

    /// The input at `position`; nil if it is omitted or does not exist.
    public func input(_ position: Int) -> ValueID? {
        inputs.indices.contains(position) ? inputs[position] : nil
    }

    /// The output at `position`; nil if it is omitted or does not exist.
    public func output(_ position: Int) -> ValueID? {
        outputs.indices.contains(position) ? outputs[position] : nil
    }

    /// Sets the input at `position`. Missing inputs before it are left out; nil at the end is not listed.
    mutating func setInput(_ position: Int, _ value: ValueID?) {
        while inputs.count <= position { inputs.append(nil) }
        inputs[position] = value
        while let last = inputs.last, last == nil { inputs.removeLast() }
    }

    /// Whether the node applies the operator `type` of the default domain.
    public func isOperator(_ type: String) -> Bool { operatorType == type && domain.isEmpty }
}

/// One key and value of a metadata table (ONNX `StringStringEntryProto`).
public struct MetadataEntry: Sendable, Hashable {
    /// The name of the entry.
    public var key: String
    /// The entry's text.
    public var value: String

    /// One entry.
    public init(key: String, value: String) {
        self.key = key
        self.value = value
    }
}
