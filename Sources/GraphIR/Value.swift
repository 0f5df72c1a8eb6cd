/// The identity of a value within its graph. Never reused, stable under edits.
public struct ValueID: Hashable, Comparable, Sendable {
    let index: Int
    public static func < (a: ValueID, b: ValueID) -> Bool { a.index < b.index }
}

/// One place where a value is read.
public struct Use: Hashable, Sendable {
    /// The node that reads the value.
    public let node: NodeID
    /// The position among the node's inputs; nil where one of the node's subgraphs captures the value.
    public let position: Int?
}

/// A named tensor that flows through the graph: written once (SSA), read any number of times.
public struct Value: Sendable, Equatable, Identifiable {
    /// The definition of a value.
    public enum Definition: Sendable, Equatable {
        case node(NodeID, position: Int)
        /// A graph input. It may also have an initialiser, which is then its default (ONNX IR 3 lists
        /// every weight this way).
        case input
        case initializer
        /// In a subgraph: a value of the enclosing graph, found there by its name.
        case capture
    }

    /// The value's identity within its graph.
    public let id: ValueID
    /// The name; unique within the graph, never empty.
    public internal(set) var name: String
    /// The known type of the value; nil if nothing is known.
    public internal(set) var type: ValueType?
    /// For a graph input or output: the type that the source declares, if it says less than is known (an
    /// output's inferred extents, an input's unnamed batch). Export writes it again, so that a model's
    /// signature stays word for word.
    public internal(set) var declaredType: ValueType?
    /// The definition of the value.
    public internal(set) var definition: Definition
    /// The constant contents of an initialiser, or the default of an input.
    public internal(set) var initializer: Tensor?
    /// The places that read the value, in no particular order.
    public internal(set) var uses: UseList
    /// Where the value stands in the list of graph outputs.
    var outputPositions: [Int] = []
    /// The file's notes on the value besides its type.
    public internal(set) var notes = ValueNotes()

    /// Whether the graph returns the value.
    public var isGraphOutput: Bool { !outputPositions.isEmpty }

    /// How often the value stands in the list of graph outputs.
    public var outputCount: Int { outputPositions.count }

    /// Whether a subgraph reads the value by its name.
    public var isCaptured: Bool { uses.captureCount > 0 }

    /// The contents, if the value is constant: an initialiser that no graph input can override.
    public var constant: Tensor? { definition == .initializer ? initializer : nil }

    /// The element type and shape, if the value is known to be a tensor.
    public var tensorType: TensorType? { type?.tensor }
    /// The shape, if the value is known to be a tensor of known rank.
    public var shape: Shape? { type?.tensor?.shape }

    /// The type in the graph's signature.
    public var signatureType: ValueType? { declaredType ?? type }

    /// The number of readers, counting graph outputs.
    public var useCount: Int { uses.count + outputCount }
}
