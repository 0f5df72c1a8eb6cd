import Foundation
import GraphIR
import Testing

@testable import Calibration

@Suite struct EvaluationCountsTests {
    @Test("Sums of cosines do not depend on the order, and a cosine that is no number counts as 0")
    func cosines() throws {
        let rows: [[Float]] = [
            [1, 2, 3], [0.1, -7, 1e-8], [3, 0, 4], [1e20, 1, 0], [0, 0, 0], [.nan, 1, 1], [.infinity, 1, 1],
        ]
        let others: [[Float]] = [
            [3, 2, 1], [1, 1, 1], [4, 0, 3], [1, 1e20, 2], [0, 0, 0], [1, 1, 1], [1, 1, 1],
        ]
        func sum(_ order: [Int]) throws -> Int {
            try order.reduce(0) { sum, row in
                var comparison = ScoreComparison()
                try comparison.add(
                    Tensor(shape: [1, 3], rows[row]), reference: Tensor(shape: [1, 3], others[row]))
                return sum + comparison.cosineSum
            }
        }
        var together = ScoreComparison()
        try together.add(
            Tensor(shape: [7, 3], rows.flatMap { $0 }),
            reference: Tensor(shape: [7, 3], others.flatMap { $0 }))
        #expect(try sum([0, 1, 2, 3, 4, 5, 6]) == together.cosineSum)
        #expect(try sum([6, 4, 2, 0, 5, 3, 1]) == together.cosineSum)
        // 10/14, -6.9/(7.0007 sqrt 3), 24/25, 1e-20 or so, 1 for two zeros, and twice no number.
        let wanted = 10.0 / 14 - 6.9 / (49.01 * 3).squareRoot() + 0.96 + 1
        #expect(abs(together.meanCosine * 7 - wanted) < 1e-8)
    }

    @Test("Counts from a file add up, unless they cannot be counts, or only one side has labels")
    func addition() throws {
        func counts(_ json: String) throws -> EvaluationCounts {
            try JSONDecoder().decode(EvaluationCounts.self, from: Data(json.utf8))
        }
        let one = try counts(
            #"{"samples": 4, "agreeing": 3, "cosineSum": 17179869184, "right": 2, "onlyFirst": 1, "onlyThis": 0}"#
        )
        let two = try #require(one.adding(one))
        #expect(two.samples == 8 && two.agreement == Proportion(hits: 6, samples: 8))
        #expect(two.topOneShare == Proportion(hits: 4, samples: 8) && two.topFiveShare == nil)
        #expect(two.meanCosine == 1 && two.comparison == McNemar(onlyFirst: 2, onlySecond: 0))
        #expect(one.adding(try counts(#"{"samples": 4, "agreeing": 3, "cosineSum": 0}"#)) == nil)
        for wrong in [
            #"{"samples": -1, "agreeing": 0, "cosineSum": 0}"#,
            #"{"samples": 1, "agreeing": 2, "cosineSum": 0}"#,
            #"{"samples": 1, "agreeing": 1, "cosineSum": 4294967297}"#,
            #"{"samples": 1, "agreeing": 1, "cosineSum": -9223372036854775808}"#,
            #"{"samples": 9223372036854775807, "agreeing": 0, "cosineSum": 0}"#,
        ] {
            #expect(try !counts(wrong).arePossible && counts(wrong).adding(counts(wrong)) == nil)
        }
        let most = try counts(#"{"samples": 1073741823, "agreeing": 0, "cosineSum": 4611686014132420608}"#)
        #expect(most.arePossible && most.adding(most) == nil)
    }

    @Test(
        "A part has every n-th batch",
        arguments: [("1/3", [0, 3, 6]), ("3/3", [2, 5]), ("7/7", [6]), ("8/8", [])])
    func parts(_ text: String, _ batches: [Int]) throws {
        let all = (0..<7).map { (32 * $0)..<(32 * $0 + 32) }
        #expect(try #require(ImagePart(text)).batches(all) == batches.map { all[$0] })
    }

    @Test(
        "What is no part is refused",
        arguments: ["", "1", "0/2", "3/2", "1/0", "-1/2", "1/2/3", "a/b", "1/", "1/99999999999999999999"])
    func noParts(_ text: String) { #expect(ImagePart(text) == nil) }
}
