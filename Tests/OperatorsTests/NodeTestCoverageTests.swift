import Foundation
import GraphIR
import ONNXFormat
import Operators
import TestSupport
import Testing

/// How many of ONNX's node tests each operator passes, as a table: `make node-tests` prints it.
@Suite(.enabled(if: ProcessInfo.processInfo.environment["MODCONVERT_NODE_TEST_COVERAGE"] != nil))
struct NodeTestCoverageTests {
    private struct Count {
        var required = 0
        var passed = 0
        var ignored = 0
    }

    @Test(arguments: [NodeTest.Suite.debian, .current])
    func coverage(_ suite: NodeTest.Suite) throws {
        guard suite.folder != nil else { return }
        var counts: [String: Count] = [:]
        var reasons: [String: Int] = [:]
        var failures: [String] = []
        for entry in try suite.list() {
            let test = NodeTest(name: entry.name, suite: suite)
            let loaded = try? test.load()
            let operators = loaded.map { Set($0.model.graph.nodes.map(\.operatorType)) } ?? Self.named(entry)
            if let reason = entry.reasonToIgnore { reasons[reason, default: 0] += 1 }
            let passes =
                entry.reasonToIgnore == nil && loaded.map { Self.passes($0.model, $0.dataSets) } == true
            if entry.reasonToIgnore == nil, !passes { failures.append(entry.name) }
            for name in operators {
                counts[name, default: Count()].required += entry.reasonToIgnore == nil ? 1 : 0
                counts[name, default: Count()].passed += passes ? 1 : 0
                counts[name, default: Count()].ignored += entry.reasonToIgnore == nil ? 0 : 1
            }
        }
        Self.show(suite, counts, reasons, total: try suite.list(), failures)
        #expect(failures.isEmpty)
        let missing = OperatorRegistry.names.filter { counts[$0] == nil && $0 != "Upsample" }
        #expect(missing.isEmpty || suite == .debian, "operators without a node test")
    }

    private static func show(
        _ suite: NodeTest.Suite, _ counts: [String: Count], _ reasons: [String: Int], total: [NodeTest.Entry],
        _ failures: [String]
    ) {
        func row(_ cells: String...) -> String {
            cells.enumerated().map { index, cell in
                let space = String(repeating: " ", count: max(0, (index == 0 ? 24 : 10) - cell.count))
                return index == 0 ? cell + space : space + cell
            }.joined()
        }
        let required = total.count { $0.reasonToIgnore == nil }
        print("\n\(suite.rawValue).txt\n\(row("operator", "required", "passed", "ignored"))")
        for (name, count) in counts.sorted(by: { $0.key < $1.key }) {
            print(row(name, "\(count.required)", "\(count.passed)", "\(count.ignored)"))
        }
        print(
            row("tests", "\(required)", "\(required - failures.count)", "\(total.count - required)"),
            "(a test of several operators counts for each)")
        for (reason, count) in reasons.sorted(by: { $0.key < $1.key }) {
            print("ignored \(count): \(reason)")
        }
        for failure in failures { print("failed: \(failure)") }
    }

    private static func passes(_ model: Model, _ dataSets: [NodeTest.DataSet]) -> Bool {
        dataSets.allSatisfy { data in
            guard let results = try? ReferenceEvaluator.run(model.graph, inputs: data.inputs) else {
                return false
            }
            return data.outputs.allSatisfy { expected in
                results.first { $0.name == expected.name }
                    .map { TensorComparison.difference($0.tensor, expected.tensor) == nil } ?? false
            }
        }
    }

    /// The operator that a test is named after, for models of types that are not read.
    private static func named(_ entry: NodeTest.Entry) -> Set<String> {
        let name = entry.name.replacing("_", with: "").dropFirst("test".count)
        let matches = OperatorRegistry.names.filter { name.hasPrefix($0.lowercased()) }
        return matches.max { $0.count < $1.count }.map { [$0] } ?? []
    }
}
