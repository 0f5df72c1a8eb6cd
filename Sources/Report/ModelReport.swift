import GraphIR
import MixtureOfDepths
import Operators

/// A description of a model file: interface, operators, blocks, manifest.
public struct ModelReport: JSONDocument, Sendable {
    public static let schema = "inspection/1"

    struct Port: Encodable {
        let name: String
        let type: JSONType?
    }

    struct Opset: Encodable {
        let domain: String
        let version: Int
    }

    struct Block: Encodable {
        let scope: String
        let kind: String
        let shape: JSONShape?
        /// C, H and W, as in the table.
        let shapeText: String
        let remark: String

        private enum CodingKeys: CodingKey { case scope, kind, shape, remark }
    }

    let file: String
    let producer: String
    let irVersion: Int
    let opsets: [Opset]
    let inputs: [Port]
    let outputs: [Port]
    let operators: [String: Int]
    let nodeCount: Int
    let initializerCount: Int
    let initializerBytes: Int
    let totalParams: Int
    let totalMacs: Int
    /// The number of nodes that the count leaves out because their cost is unknown.
    let uncountedNodes: Int
    /// The first of them; nil if there are none.
    let notCounted: MACCount.Omission?
    let convention: String
    let blocks: [Block]
    let manifest: [String: String]
    /// The largest initialisers, if the user asked for them.
    public var tensors: TensorTable?
    /// The values that nodes compute, if the user asked for them.
    public var values: ValueTable?

    private let manifestFacts: [MetadataEntry]

    private enum CodingKeys: CodingKey {
        case file, producer, irVersion, opsets, inputs, outputs, operators, nodeCount, initializerCount
        case initializerBytes, totalParams, totalMacs, uncountedNodes, notCounted, convention, blocks
        case manifest, tensors, values
    }

    /// - Parameters:
    ///   - graph: the model's graph in canonical form.
    ///   - count: the count of that graph.
    ///   - blocks: the blocks of that graph.
    ///   - remarks: by scope, the verdict that a conversion would give each residual block of a source; empty
    ///     for a converted model.
    public init(
        _ model: Model, file: String, graph: Graph, count: MACCount, blocks: [NetworkBlock],
        remarks: [String: String] = [:]
    ) {
        self.file = file
        producer = model.producer ?? ""
        irVersion = model.irVersion
        opsets = model.graph.opsets.entries.map {
            Opset(domain: $0.domain.isEmpty ? "ai.onnx" : $0.domain, version: $0.version)
        }
        func port(_ id: ValueID) -> Port {
            Port(name: model.graph[id].name, type: model.graph[id].tensorType.map(JSONType.init))
        }
        inputs = model.graph.requiredInputs.map(port)
        outputs = model.graph.outputs.map(port)
        operators = model.graph.nodes.reduce(into: [:]) { $0[$1.qualifiedOperator, default: 0] += 1 }
        nodeCount = model.graph.nodes.count
        initializerCount = model.graph.initializers.reduce(0) { count, _ in count + 1 }
        initializerBytes = model.graph.initializers.reduce(0) { $0 + ($1.initializer?.bytes.count ?? 0) }
        totalParams = count.totalParameters
        totalMacs = count.total(.strict)
        uncountedNodes = count.uncounted.count
        notCounted = count.omission
        convention = count.text(of: .strict)
        self.blocks = blocks.map { Block($0, graph, remarks) }
        manifestFacts = model.metadata.filter { $0.key.hasPrefix(Manifest.prefix) }
        manifest = Dictionary(
            manifestFacts.map { ($0.key, $0.value) }, uniquingKeysWith: { first, _ in first })
    }

    /// The text that the command prints.
    public var text: String {
        [summary, operatorTable, blockTable, manifestList, tensors?.text ?? "", values?.text ?? ""].filter {
            !$0.isEmpty
        }.joined(separator: "\n")
    }

    private var summary: String {
        var facts = FactList()
        facts.add("model", file)
        facts.add("producer", producer.isEmpty ? "not given" : producer)
        facts.add("IR version", "\(irVersion)")
        facts.add("opset", opsets.map { "\($0.domain) \($0.version)" }.joined(separator: ", "))
        for (index, port) in inputs.enumerated() {
            facts.add(index == 0 ? "inputs" : "", "\(port.name): \(port.type?.text ?? "?")")
        }
        for (index, port) in outputs.enumerated() {
            facts.add(index == 0 ? "outputs" : "", "\(port.name): \(port.type?.text ?? "?")")
        }
        facts.add("nodes", "\(nodeCount)")
        facts.add("initializers", "\(initializerCount), \(Quantity.bytes(initializerBytes))")
        facts.add("params", Quantity.count(totalParams))
        facts.add("MACs", "\(Quantity.count(totalMacs))\(notCounted == nil ? "" : " + ?") (\(convention))")
        if let notCounted { facts.add("", notCounted.text) }
        return facts.text
    }

    private var operatorTable: String {
        var table = TextTable([("operator", .left), ("nodes", .right)])
        for (name, count) in operators.sorted(by: { ($1.value, $0.key) < ($0.value, $1.key) }) {
            table.add([name, "\(count)"])
        }
        return table.text
    }

    private var blockTable: String {
        guard !blocks.isEmpty else { return "No residual block was found.\n" }
        var table = TextTable([("block", .left), ("kind", .left), ("CxHxW", .left), ("", .left)])
        for block in blocks { table.add([block.scope, block.kind, block.shapeText, block.remark]) }
        return table.text
    }

    private var manifestList: String {
        guard !manifestFacts.isEmpty else { return "" }
        var facts = FactList()
        for fact in manifestFacts where fact.key != Manifest.prefix + "blocks" {
            facts.add(fact.key, fact.value)
        }
        return facts.text
    }
}

extension ModelReport.Block {
    fileprivate init(_ block: NetworkBlock, _ graph: Graph, _ remarks: [String: String]) {
        kind = block.kindText
        let extents = graph[block.output].shape.map { Shape(Array($0.dims.dropFirst())) }
        shape = extents.map(JSONShape.init)
        shapeText = extents?.description ?? "?"
        scope = block.scope
        switch block.kind {
        case .residual(let found): remark = remarks[found.scope] ?? ""
        case .mixtureOfDepths(let listed): remark = listed.form.payload.remark
        }
    }
}

extension Node {
    /// The operator with its domain, unless that is ONNX's own.
    fileprivate var qualifiedOperator: String { domain.isEmpty ? operatorType : "\(domain).\(operatorType)" }
}
