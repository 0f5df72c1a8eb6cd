/// A dataflow graph in SSA form: nodes in topological order, values with their definition and uses.
///
/// A graph is a value: copying it is cheap, and a copy does not change when the original does. All changes
/// go through `GraphEdit`. Looking up a node, a value, a definition or the uses of a value is O(1).
public struct Graph: Sendable, Equatable {
    /// The graph's name; may be empty.
    public internal(set) var name: String
    /// The graph's doc string.
    public internal(set) var docString: String
    /// The graph's own metadata, in the file's order.
    public internal(set) var metadata: [MetadataEntry]
    /// The operator-set version that the model imports for each domain.
    public internal(set) var opsets: OpsetImports
    /// The graph's inputs in order; before IR 4 this may include weights, which then have an initialiser.
    public internal(set) var inputs: [ValueID] = []
    /// The graph's outputs in order.
    public internal(set) var outputs: [ValueID] = []
    /// In a subgraph: the values of the enclosing graph that it reads.
    public internal(set) var captures: [ValueID] = []
    /// The live nodes in topological order.
    public internal(set) var order: [NodeID] = []

    var nodeStorage: [Node?] = []
    var valueStorage: [Value?] = []
    var valuesByName: [String: ValueID] = [:]

    /// An empty graph; fill it with `GraphEdit`.
    public init(
        name: String, opsets: OpsetImports, docString: String = "", metadata: [MetadataEntry] = []
    ) {
        self.name = name
        self.opsets = opsets
        self.docString = docString
        self.metadata = metadata
    }

    /// The nodes in topological order.
    public var nodes: some RandomAccessCollection<Node> { order.lazy.map { self[$0] } }

    /// The live values, in the order in which they were added.
    public var values: some Sequence<Value> { valueStorage.lazy.compactMap { $0 } }

    /// The values with constant contents or a default, in the order in which they were added.
    public var initializers: some Sequence<Value> { values.lazy.filter { $0.initializer != nil } }

    /// The inputs without default, in order: those that every run needs.
    public var requiredInputs: [ValueID] { inputs.filter { self[$0].initializer == nil } }

    /// The node with that identity, which must be live. It is lent, not copied: asking for one of its facts costs no more
    /// than that fact.
    public subscript(id: NodeID) -> Node {
        _read {
            // swift-format-ignore: NeverForceUnwrap
            yield nodeStorage[id.index]!
        }
    }

    /// The value with that identity, which must be live. It is lent, not copied.
    public subscript(id: ValueID) -> Value {
        _read {
            // swift-format-ignore: NeverForceUnwrap
            yield valueStorage[id.index]!
        }
    }

    /// Whether the node is still part of the graph.
    public func contains(_ id: NodeID) -> Bool {
        nodeStorage.indices.contains(id.index) && nodeStorage[id.index] != nil
    }

    /// Whether the value is still part of the graph.
    public func contains(_ id: ValueID) -> Bool {
        valueStorage.indices.contains(id.index) && valueStorage[id.index] != nil
    }

    /// The value with that name.
    public func value(named name: String) -> Value? { valuesByName[name].map { self[$0] } }

    /// The node that defines the value, if there is one.
    public func producer(of id: ValueID) -> Node? {
        if case .node(let node, _) = self[id].definition { self[node] } else { nil }
    }

    /// The nodes that read the value, each once, in topological-storage order.
    public func consumers(of id: ValueID) -> [Node] {
        Set(self[id].uses.map(\.node)).sorted().map { self[$0] }
    }

    /// The only node that reads the value; nil if no node or several nodes read it, one node reads it more
    /// than once, or it is also a graph output.
    public func soleConsumer(of id: ValueID) -> Node? {
        let value = self[id]
        guard !value.isGraphOutput, value.uses.count == 1, let use = value.uses.first, use.position != nil
        else { return nil }
        return self[use.node]
    }

    /// The constant contents of a node's input.
    public func constant(_ id: ValueID?) -> Tensor? { id.flatMap { self[$0].constant } }

    /// The node's name in diagnostics: its own, or that of its first output if it has none.
    public func label(of node: Node) -> String {
        if !node.name.isEmpty { return "node \"\(node.name)\" (\(node.operatorType))" }
        let output = node.outputs.lazy.compactMap { $0 }.first.map { self[$0].name } ?? ""
        return "node of output \"\(output)\" (\(node.operatorType))"
    }
}

/// The operator-set version that a model imports for each domain.
public struct OpsetImports: Sendable, Equatable {
    /// The imports in the file's order; the default domain is the empty string.
    public private(set) var entries: [(domain: String, version: Int)] = []

    /// Imports of the default domain only.
    public init(onnx version: Int) { entries = [("", version)] }

    /// Imports as a file lists them; `ai.onnx` is the default domain's other name. A repeated domain keeps
    /// its first version.
    public init(_ list: [(domain: String, version: Int)]) {
        for (domain, version) in list where self[domain] == nil { self[domain] = version }
    }

    /// The version imported for `domain`, nil if it is not imported.
    public subscript(domain: String) -> Int? {
        get {
            let key = OpsetImports.canonical(domain)
            return entries.first { $0.domain == key }?.version
        }
        set {
            let key = OpsetImports.canonical(domain)
            entries.removeAll { $0.domain == key && newValue == nil }
            guard let newValue else { return }
            if let index = entries.firstIndex(where: { $0.domain == key }) {
                entries[index].version = newValue
            } else {
                entries.append((key, newValue))
            }
        }
    }

    /// The version of the default ONNX domain; 1 if it is not imported, as ONNX specifies.
    public var onnx: Int { self[""] ?? 1 }

    /// The domain in its canonical form: the empty text stands for `ai.onnx`.
    public static func canonical(_ domain: String) -> String { domain == "ai.onnx" ? "" : domain }

    public static func == (a: OpsetImports, b: OpsetImports) -> Bool {
        a.entries.elementsEqual(b.entries) { $0.domain == $1.domain && $0.version == $1.version }
    }
}
