import GraphIR
import MixtureOfDepths
import Operators

/// The blocks of a source and their verdicts, with the costs before and after, and the rest of the network.
public struct BlockCosts: Sendable {
    /// One block before and after.
    public struct Block: Sendable {
        /// The block's scope, or the name of its output where scopes do not tell blocks apart.
        let scope: String
        let kindBefore: String
        let kindAfter: String
        let macsBefore: Int
        let macsAfter: Int
        let paramsBefore: Int
        let paramsAfter: Int
    }

    /// In topological order.
    public let blocks: [Block]
    /// How many of the converted network's blocks choose for each image.
    let forms: FormCounts
    /// The MACs of all nodes outside the blocks: stem, head, downsampling between stages.
    let restMacsBefore: Int
    let restMacsAfter: Int
    let restParamsBefore: Int
    let restParamsAfter: Int

    /// Pairs the blocks of two graphs: in order if both have as many, else by their scopes. Blocks without a
    /// counterpart count as part of the rest. MACs are strict.
    ///
    /// - Parameters:
    ///   - source: the source's graph in canonical form.
    ///   - converted: the converted graph, with its manifest.
    public init(source: Graph, converted: Graph, manifest: Manifest?) {
        let (before, after) = (MACCount(source), MACCount(converted))
        forms = FormCounts(manifest?.blocks ?? [])
        let old = NetworkBlock.all(in: source, manifest: nil)
        let new = NetworkBlock.all(in: converted, manifest: manifest)
        let byScope = Dictionary(new.map { ($0.scope, $0) }, uniquingKeysWith: { first, _ in first })
        let pairs =
            old.count == new.count
            ? Array(zip(old, new)) : old.compactMap { block in byScope[block.scope].map { (block, $0) } }
        // Exporters that do not name nodes give all blocks the same scope; their values have names.
        let isScopeUnique = Set(old.map(\.scope)).count == old.count
        let blocks = pairs.map { old, new in
            Block(
                scope: isScopeUnique ? old.scope : source[old.output].name, kindBefore: old.kindText,
                kindAfter: new.kindText,
                macsBefore: before.total(.strict, of: old.nodes),
                macsAfter: after.total(.strict, of: new.nodes),
                paramsBefore: before.parameters(of: old.nodes),
                paramsAfter: after.parameters(of: new.nodes))
        }
        func rest(_ total: Int, _ part: KeyPath<Block, Int>) -> Int {
            blocks.reduce(total) { max(0, $0 - $1[keyPath: part]) }
        }
        self.blocks = blocks
        restMacsBefore = rest(before.total(.strict), \.macsBefore)
        restMacsAfter = rest(after.total(.strict), \.macsAfter)
        restParamsBefore = rest(before.totalParameters, \.paramsBefore)
        restParamsAfter = rest(after.totalParameters, \.paramsAfter)
    }

    /// Multiply-accumulates of each block and of the rest, for a chart.
    var macRows: [BarChart.Row] {
        rows(\.macsBefore, \.macsAfter, (restMacsBefore, restMacsAfter))
    }

    /// Parameters of each block and of the rest.
    var parameterRows: [BarChart.Row] {
        rows(\.paramsBefore, \.paramsAfter, (restParamsBefore, restParamsAfter))
    }

    private func rows(
        _ before: KeyPath<Block, Int>, _ after: KeyPath<Block, Int>, _ rest: (before: Int, after: Int)
    ) -> [BarChart.Row] {
        blocks.map { block in
            BarChart.Row(
                name: block.scope, kind: block.kindAfter, before: block[keyPath: before],
                after: block[keyPath: after])
        } + [
            BarChart.Row(
                name: "outside the blocks", isScope: false, kind: "", before: rest.before, after: rest.after)
        ]
    }
}
