import GraphIR
import MixtureOfDepths
import Operators

/// The costs of a model: per node, per block, in total.
public struct CostReport: JSONDocument, Sendable {
    public static let schema = "costs/1"

    /// The costs of one node.
    public struct NodeCost: Encodable, Sendable {
        let name: String
        let op: String
        /// Nil if an extent that it depends on is unknown.
        let macs: Int?
        /// Those of 8-bit integers; nil if no node of the model has any.
        let int8Macs: Int?
        let params: Int
        let outputBytes: Int?
    }

    /// The costs of one block.
    public struct BlockCost: Encodable, Sendable {
        let scope: String
        let kind: String
        let macs: Int
        /// Those of 8-bit integers; nil if no node of the model has any.
        let int8Macs: Int?
        let params: Int
    }

    /// The convention's name; `conventionText` explains it.
    let convention: String
    let conventionText: String
    let totalMacs: Int
    /// The part of them that multiplies 8-bit integers; nil if there is none.
    let int8Macs: Int?
    /// The nodes that the total leaves out; nil if there are none.
    let notCounted: MACCount.Omission?
    /// The number of trainable values.
    let totalParams: Int
    /// The sum of all nodes' outputs, in bytes.
    let activationBytes: Int?
    /// The most bytes that inner values and outputs take at one time when the model is run.
    let peakActivationBytes: Int?
    let blocks: [BlockCost]
    let nodes: [NodeCost]

    /// - Parameters:
    ///   - count: the count of the graph in which the blocks were found.
    ///   - peakActivationBytes: nil if it is unknown.
    public init(
        _ count: MACCount, blocks: [NetworkBlock], convention: MACCount.Convention, peakActivationBytes: Int?
    ) {
        self.convention = convention.rawValue
        conventionText = count.text(of: convention)
        totalMacs = count.total(convention)
        let isQuantized = count.totalIntegerMACs > 0
        int8Macs = isQuantized ? count.totalIntegerMACs : nil
        notCounted = count.omission
        totalParams = count.totalParameters
        activationBytes = count.totalOutputBytes
        self.peakActivationBytes = peakActivationBytes
        self.blocks = blocks.map { block in
            BlockCost(
                scope: block.scope, kind: block.kindText,
                macs: count.total(convention, of: block.nodes),
                int8Macs: isQuantized ? count.integerMACs(of: block.nodes) : nil,
                params: count.parameters(of: block.nodes))
        }
        nodes = count.entries.map { entry in
            NodeCost(
                name: entry.name, op: entry.operatorType, macs: entry.count(convention),
                int8Macs: isQuantized ? entry.integerMACs : nil, params: entry.parameters,
                outputBytes: entry.outputBytes)
        }
    }

    /// The text that the command prints.
    public var text: String {
        [nodeTable, blockTable, totals].filter { !$0.isEmpty }.joined(separator: "\n")
    }

    private var nodeTable: String {
        var table = TextTable(
            [("node", .left), ("operator", .left), ("MACs", .right)] + int8Column
                + [("params", .right), ("output", .right)])
        for node in nodes {
            table.add(
                [node.name, node.op, node.macs.map(Quantity.count) ?? "?"]
                    + (node.int8Macs.map { [Quantity.count($0)] } ?? [])
                    + [Quantity.count(node.params), node.outputBytes.map(Quantity.bytes) ?? "?"])
        }
        return table.text
    }

    /// The column of multiply-accumulates of integers, if the model has any.
    private var int8Column: [(String, TextTable.Alignment)] { int8Macs == nil ? [] : [("int8 MACs", .right)] }

    private var blockTable: String {
        guard !blocks.isEmpty else { return "" }
        var table = TextTable(
            [("block", .left), ("kind", .left), ("MACs", .right)] + int8Column + [("params", .right)])
        for block in blocks {
            table.add(
                [block.scope, block.kind, Quantity.count(block.macs)]
                    + (block.int8Macs.map { [Quantity.count($0)] } ?? []) + [Quantity.count(block.params)])
        }
        return table.text
    }

    private var totals: String {
        var facts = FactList()
        facts.add("MACs", Quantity.count(totalMacs) + (notCounted == nil ? "" : " + ?"))
        if let notCounted { facts.add("", notCounted.text) }
        if let int8Macs { facts.add("int8 MACs", "\(Quantity.count(int8Macs)) of these") }
        facts.add("params", Quantity.count(totalParams))
        facts.add(
            "activations",
            "\(activationBytes.map(Quantity.bytes) ?? "?") in all, "
                + "\(peakActivationBytes.map(Quantity.bytes) ?? "?") at one time")
        facts.add("convention", conventionText)
        return facts.text
    }
}

extension NetworkBlock {
    /// `bottleneck`, or `MoD k=128 of 256`.
    var kindText: String {
        switch kind {
        case .residual(let block): block.kind.rawValue
        case .mixtureOfDepths(let block): block.form.payload.summary
        }
    }
}
