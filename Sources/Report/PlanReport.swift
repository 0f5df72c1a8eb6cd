import Conversion
import GraphIR
import MixtureOfDepths
import Operators

/// The plan of a conversion: the verdict for every block, before anything is calibrated.
public struct PlanReport: JSONDocument, Sendable {
    public static let schema = "plan/1"

    let source: String
    /// The recipe's name, as `--recipe` takes it.
    let recipe: String
    let recipeReason: String
    /// The ratio, or the budget, as file names show it.
    let goal: String
    /// The ratio as a number; nil for a budget, and where blocks are dropped.
    let ratio: Double?
    /// Strict multiply-accumulates of the source for one sample.
    let macs: Int
    /// Every residual block; with a budget, `open` where it decides.
    let blocks: [LedgerReport.Block]
    /// The steps that were left out, one sentence each.
    let notes: [String]

    private let ledger: LedgerReport

    private enum CodingKeys: CodingKey { case source, recipe, recipeReason, goal, ratio, macs, blocks, notes }

    /// The report of a plan.
    public init(_ planned: PlannedConversion, source: String, recipeReason: String) {
        let recipe = planned.network.request.recipe
        self.source = source
        self.recipe = recipe.name
        self.recipeReason = recipeReason
        goal = recipe.goal
        ratio = recipe.ratio?.value
        macs = MACCount(planned.network.canonical).total(.strict)
        ledger = LedgerReport(planned.plan, graph: planned.network.graph, savings: [])
        blocks = ledger.blocks
        let isOpen = blocks.contains { $0.verdict == "open" }
        notes =
            (isOpen
                ? ["open blocks get their ratio and form from the budget, while they are calibrated"] : [])
            + ["dry run: nothing was calibrated, verified or written"]
    }

    /// The ledger, and the notes.
    public func text(_ style: TextStyle) -> String {
        var facts = FactList()
        facts.add("MACs", "\(Quantity.count(macs)) before")
        for note in notes { facts.add("note", note) }
        return ledger.text(style) + "\n" + facts.text
    }
}
