import Foundation
import GraphIR
import Testing

@testable import Calibration

@Suite struct ScoreComparisonTests {
    private static func comparison(_ shape: [Int], _ scores: [Float], _ reference: [Float]) throws
        -> ScoreComparison
    {
        var comparison = ScoreComparison()
        try comparison.add(Tensor(shape: shape, scores), reference: Tensor(shape: shape, reference))
        return comparison
    }

    @Test("Scores of classes: agreement by image, divergence of their softmax")
    func classes() throws {
        let found = try Self.comparison([2, 3], [0, 1, 0, 2, 0, 0], [0, 2, 0, 0, 2, 0])
        #expect(found.kind == .classes)
        #expect(found.agreement == 0.5)
        // p = softmax(0, 2, 0), q = softmax(0, 1, 0); then p = softmax(0, 2, 0), q = softmax(2, 0, 0).
        let (e, ee) = (exp(1.0), exp(2.0))
        let first =
            2 / (2 + ee) * log((2 + e) / (2 + ee)) + ee / (2 + ee) * log(ee / (2 + ee) / (e / (2 + e)))
        let p = [1 / (2 + ee), ee / (2 + ee), 1 / (2 + ee)]
        let q = [ee / (2 + ee), 1 / (2 + ee), 1 / (2 + ee)]
        let second = zip(p, q).reduce(0) { $0 + $1.0 * log($1.0 / $1.1) }
        #expect(abs(found.divergence - (first + second) / 2) < 1e-6)
    }

    @Test("Probabilities are compared as they are")
    func probabilities() throws {
        let found = try Self.comparison([1, 2], [0.5, 0.5], [0.9, 0.1])
        #expect(abs(found.divergence - (0.9 * log(0.9 / 0.5) + 0.1 * log(0.1 / 0.5))) < 1e-6)
        // A network that is sure has no infinite distance.
        #expect(try Self.comparison([1, 2], [1, 0], [0.9, 0.1]).divergence.isFinite)
    }

    @Test("A map agrees by pixel")
    func map() throws {
        // Two channels of four pixels; the last pixel differs.
        let reference: [Float] = [1, 1, 0, 0, 0, 0, 1, 1]
        let scores: [Float] = [1, 1, 0, 1, 0, 0, 1, 0]
        let found = try Self.comparison([1, 2, 2, 2], scores, reference)
        #expect(found.kind == .map)
        #expect(found.agreement == 0.75)
        #expect(try Self.comparison([1, 2, 2, 2], reference, reference).divergence == 0)
        #expect(found.divergence > 0)
    }

    @Test("Other outputs are compared by their direction", arguments: [[1, 1], [1, 2, 3], [1, 1, 2, 2]])
    func values(_ shape: [Int]) throws {
        let count = shape.reduce(1, *)
        let (ones, other) = ([Float](repeating: 1, count: count), (0..<count).map { Float($0 + 1) })
        let found = try Self.comparison(shape, other, ones)
        #expect(found.kind == .values)
        #expect(abs(found.divergence - (1 - found.meanCosine)) < 1e-12)
        #expect(try Self.comparison(shape, ones, ones).divergence < 1e-9)
    }
}
