import GraphIR
import MixtureOfDepths
import Passes
import TestSupport
import Testing

/// Compares real files with `fixtures/models/<name>/ledger.json`, which the script that exported the file
/// derived from the architecture's definition.
@Suite struct FixtureLedgerTests {
    @Test func fixturesAreFound() { #expect(Fixtures.names.count > 40) }

    @Test("Stages, kinds and verdicts of real files", arguments: Fixtures.names)
    func ledger(_ name: String) throws {
        let expected = try Fixtures.ledger(name)
        guard expected.refused == nil else { return }
        let graph = try Pipeline.canonical().run(try Fixtures.model(name).graph, validating: true)
        let half = try #require(ModRatio("0.5"))
        let plan = try Planner.plan(
            graph, ConversionRequest(.paper(PaperRecipe(ratio: half), on: .alternate)))
        let found = plan.entries.map { Self.line($0, graph) }
        let wanted = expected.blocks.map(Self.line)
        #expect(found == wanted)
    }

    private static func line(_ block: FixtureLedger.Block) -> String {
        "\(block.stage).\(block.index) \(block.kind) \(block.activation) \(block.verdict): \(block.reason)"
    }

    /// The entry in the fixtures' words.
    private static func line(_ entry: MoDPlan.Entry, _ graph: Graph) -> String {
        let outcome =
            switch entry.verdict {
            case .convert: "convert: identity shortcut, stride 1"
            case .keep(.firstOfStage): "keep: first block of its stage"
            case .keep(.evenPosition): "keep: not one of the alternate blocks"
            case .notEligible(.stride(let stride)): "keep: stride \(stride)"
            case .notEligible(.graphOutput): "keep: an inner value is a graph output"
            case .notEligible(.severalConsumers): "keep: an inner value has a second consumer"
            case .notEligible(.squeezeExcitation): "keep: channel attention ends its body"
            case .notEligible(.unknownNode(let label))
            where label.contains("GroupNormalization")
                || label.contains("InstanceNormalization"):
                "keep: GroupNormalization in its body"
            case .notEligible(.unknownNode): "keep: its body holds an operator that cannot be cut by channel"
            default: entry.verdict.text
            }
        return "\(entry.stage).\(entry.index) \(entry.block.kind.rawValue) "
            + "\(entry.block.activation.rawValue) \(outcome)"
    }
}
