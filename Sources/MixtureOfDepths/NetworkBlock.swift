import GraphIR
import Operators

/// A block of a network with its nodes: a residual Conv-Block or a MoD block.
public struct NetworkBlock: Sendable {
    /// A block of a source, or a block of a converted network.
    public enum Kind: Sendable {
        case residual(ConvBlock)
        /// A block that the model's manifest lists.
        case mixtureOfDepths(MoDBlock)
    }

    /// The block as recognition found it, or as the manifest lists it.
    public let kind: Kind
    /// The block's nodes, including those of its shortcut and last activation.
    public let nodes: Set<NodeID>
    /// The block's output.
    public let output: ValueID

    /// The scope that the block's names share.
    public var scope: String {
        switch kind {
        case .residual(let block): block.scope
        case .mixtureOfDepths(let block): block.scope
        }
    }

    /// The blocks of a model in topological order: those that the manifest lists, if it has one, and the
    /// residual blocks that recognition finds outside them. O(nodes * longest body).
    ///
    /// - Parameter graph: the model's graph, in canonical form.
    public static func all(in graph: Graph, manifest: Manifest?) -> [NetworkBlock] {
        let listed = (manifest?.blocks ?? []).compactMap { block -> NetworkBlock? in
            guard let input = graph.value(named: block.values.input),
                let output = graph.value(named: block.values.output)
            else { return nil }
            return NetworkBlock(
                kind: .mixtureOfDepths(block), nodes: nodes(between: input.id, and: output.id, in: graph),
                output: output.id)
        }
        let taken = listed.reduce(into: Set<NodeID>()) { $0.formUnion($1.nodes) }
        let found = BlockRecogniser.stages(in: graph).flatMap(\.blocks)
            .filter { !taken.contains($0.closing) }
            .map { NetworkBlock(kind: .residual($0), nodes: Set($0.nodes), output: $0.output) }
        let places = graph.places
        func place(_ block: NetworkBlock) -> Int {
            graph.producer(of: block.output).flatMap { places[$0.id] } ?? -1
        }
        return (listed + found).sorted { place($0) < place($1) }
    }

    /// The nodes that `output` depends on, other than through `input`.
    private static func nodes(between input: ValueID, and output: ValueID, in graph: Graph) -> Set<NodeID> {
        var nodes: Set<NodeID> = []
        var pending = [output]
        while let value = pending.popLast() {
            guard value != input, let node = graph.producer(of: value), nodes.insert(node.id).inserted
            else { continue }
            pending += node.inputs.compactMap { $0 }
        }
        return nodes
    }
}

extension Converter.Conversion {
    /// The strict multiply-accumulates that each conversion saves, in the order of `plan.conversions`.
    ///
    /// - Parameters:
    ///   - before: the count of the graph that the plan was made for.
    ///   - after: the count of the converted graph.
    public func savings(before: MACCount, after: MACCount) -> [Int] {
        zip(plan.conversions, blocks).map { conversion, emitted in
            // A shortcut that is computed stays.
            before.total(
                .strict,
                of: Set(conversion.entry.block.nodes).subtracting(conversion.entry.block.shortcutNodes))
                - after.total(.strict, of: Set(emitted.nodes))
        }
    }
}
