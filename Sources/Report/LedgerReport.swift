import Conversion
import GraphIR
import MixtureOfDepths

/// The verdict for every residual block of a model, with its reason.
public struct LedgerReport: Encodable, Sendable {
    /// One residual block with its verdict.
    public struct Block: Encodable, Sendable {
        let stage: Int
        let index: Int
        let scope: String
        /// The name of the residual sum; without a shortcut, that of the body's result.
        let add: String
        let kind: String
        let activation: String
        /// C, H and W of the block's output, as far as known.
        let shape: JSONShape?
        /// The same, as in the table.
        let shapeText: String
        /// `convert`, `keep` or `not eligible`.
        let verdict: String
        /// The verdict in words, as in the table.
        let reason: String
        /// The reason without the verdict, for tables that show both.
        let detail: String
        let processedChannels: Int?
        let hiddenChannels: [Int]?
        let biasRank: Int?
        let savedMacs: Int?

        private enum CodingKeys: CodingKey {
            case stage, index, scope, add, kind, activation, shape, verdict, reason, processedChannels
            case hiddenChannels, biasRank, savedMacs
        }
    }

    /// The blocks in topological order.
    public let blocks: [Block]

    /// The ledger of a conversion.
    public init(_ network: ConvertedNetwork, _ counts: ConversionReport.Counts) {
        self.init(
            network.plan, graph: network.network.graph,
            savings: network.savings(before: counts.before, after: counts.after),
            remarks: network.fitted.lossShares.mapValues {
                "\(Quantity.fixed(100 * $0, decimals: 1)) % of the estimated loss"
            })
    }

    /// - Parameters:
    ///   - graph: the graph that the plan was made for.
    ///   - savings: the strict MACs that each conversion saves, in the order of `plan.conversions`.
    ///   - remarks: additional remarks on blocks, by scope.
    public init(_ plan: MoDPlan, graph: Graph, savings: [Int], remarks: [String: String] = [:]) {
        var remaining = savings[...]
        blocks = plan.entries.map { entry in
            var saved: Int?
            var form: BlockForm?
            if case .convert(let converted) = entry.verdict {
                (form, saved) = (converted.form, remaining.popFirst())
            }
            return Block(entry, graph, form, saved, remarks[entry.block.scope])
        }
    }

    /// A line for each block, without colours.
    public var text: String { text(.plain) }

    /// A line for each block.
    public func text(_ style: TextStyle) -> String {
        var table = TextTable(
            [
                ("block", .left), ("scope", .left), ("kind", .left), ("CxHxW", .left), ("verdict", .left),
            ], droppable: [3])
        for block in blocks {
            table.add(
                ["\(block.stage).\(block.index)", block.scope, block.kind, block.shapeText, block.reason],
                tones: [4: block.verdict == "convert" ? .good : .weak])
        }
        return table.text(style)
    }
}

extension LedgerReport.Block {
    fileprivate init(
        _ entry: MoDPlan.Entry, _ graph: Graph, _ form: BlockForm?, _ saved: Int?,
        _ remark: String?
    ) {
        let block = entry.block
        stage = entry.stage
        index = entry.index
        scope = block.scope
        add = graph[block.closing].output(0).map { graph[$0].name } ?? ""
        kind = block.kind.rawValue
        activation = block.activation.rawValue
        let extents = graph[block.output].shape.map { Shape(Array($0.dims.dropFirst())) }
        shape = extents.map(JSONShape.init)
        shapeText = extents?.description ?? "?"
        verdict =
            switch entry.verdict {
            case .convert: "convert"
            case .open: "open"
            case .keep: "keep"
            case .notEligible: "not eligible"
            }
        let addition =
            (saved.map { ", " + Quantity.change(macs: -$0) } ?? "") + (remark.map { ", " + $0 } ?? "")
        reason = entry.verdict.text + addition
        detail = entry.verdict.reason + addition
        processedChannels = form?.processed
        hiddenChannels = form?.hidden
        biasRank = form?.payload.biasRank
        savedMacs = saved
    }
}
