import GraphIR
import Operators
import Testing

@testable import Runtime

/// Residuals that a convolution may not overwrite.
@Suite struct InPlaceTests {
    enum Hazard: String, CaseIterable, Sendable {
        /// The residual dies here.
        case none
        case residualReadLater, residualIsResult, residualIsInput, residualIsConvolved, residualIsViewed
        case residualReadBetween
    }

    @Test(arguments: Hazard.allCases, [1, 3]) func residualsStayWhole(_ hazard: Hazard, side: Int) throws {
        var numbers = SeededNumbers(seed: 41)
        var builder = TestGraph()
        func convolution(_ value: ValueID, _ side: Int) throws -> ValueID {
            let weights = try builder.constant(try numbers.tensor([20, 20, side, side], in: -0.2...0.2))
            let pads = [Int64](repeating: Int64(side / 2), count: 4)
            return try builder.add("Conv", [value, weights], ["pads": .ints(pads)])
        }
        let input = try builder.input("input", [2, 20, 9, 7])
        let r = hazard == .residualIsInput ? input : try convolution(input, 1)
        let inner = try builder.add("Relu", [try convolution(r, 3)])
        let source = hazard == .residualIsConvolved ? r : inner
        let sum = try builder.add("Relu", [try builder.add("Add", [try convolution(source, side), r])])
        var outputs = [try convolution(sum, 1)]
        switch hazard {
        case .none, .residualIsInput, .residualIsConvolved: break
        case .residualReadLater: outputs.append(try builder.add("Add", [r, outputs[0]]))
        case .residualIsResult: outputs.append(r)
        case .residualReadBetween: outputs.append(try builder.add("Sub", [r, inner]))
        case .residualIsViewed:
            let shape = try builder.constant(Tensor([Int64(2), 20 * 9 * 7]))
            outputs.append(try builder.add("Floor", [try builder.add("Reshape", [r, shape])]))
        }
        let graph = try builder.graph(outputs: outputs)
        let inputs = ["input": try numbers.tensor([2, 20, 9, 7])]
        let expected = try ReferenceEvaluator.run(graph, inputs: inputs)
        let kept = try #require(inputs["input"]).bits
        let session = try Session(graph, options: SessionOptions(threads: 2))
        for _ in 0..<2 {
            for (a, b) in zip(try session.run(inputs), expected) {
                #expect(try #require(a.tensor.relativeError(to: b.tensor)) < 1e-5)
            }
        }
        #expect(inputs["input"]?.bits == kept)
    }
}
