import Foundation
import GraphIR
import TestSupport
import Testing

@testable import Passes

/// Compares the canonical operators of every fixture with a line in `canonical-operators.txt`: `name:
/// constants; operators`. A changed line is a changed canonical form: look at it, then accept it.
@Suite struct CanonicalSnapshotTests {
    private static let expected: [String: String] = {
        let path = Repository.path("Tests/PassesTests/canonical-operators.txt")
        let lines = ((try? String(contentsOfFile: path, encoding: .utf8)) ?? "").split(separator: "\n")
        return Dictionary(
            lines.compactMap { line in
                line.firstRange(of: ": ").map {
                    (String(line[..<$0.lowerBound]), String(line[$0.upperBound...]))
                }
            }, uniquingKeysWith: { first, _ in first })
    }()

    @Test(arguments: Fixture.all) func operators(fixture: Fixture) throws {
        let graph = try Pipeline.canonical().run(try fixture.model().graph)
        var counts: [String: Int] = [:]
        for node in graph.nodes { counts[node.operatorType, default: 0] += 1 }
        let operators = counts.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }
        let line = "\(graph.constantNames.count) constants; \(operators.joined(separator: ", "))"
        #expect(line == Self.expected[fixture.name])
    }
}
