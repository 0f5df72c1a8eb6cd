import GraphIR
import Operators
import Testing

@testable import Runtime

/// Random graphs against the reference evaluation: whatever shares memory, is fused or written in place, no
/// value is overwritten before its last reader.
@Suite struct RandomGraphTests {
    @Test(arguments: 0..<60) func agreesWithReference(seed: Int) throws {
        var numbers = SeededNumbers(seed: UInt64(seed))
        let graph = try RandomGraphTests.graph(&numbers)
        let inputs = ["x": try numbers.tensor([2, 4, 5, 5]), "y": try numbers.tensor([2, 4, 5, 5])]
        let expected = try ReferenceEvaluator.run(graph, inputs: inputs)
        let session = try Session(graph, options: SessionOptions(threads: 2))
        for _ in 0..<2 {
            let found = try session.run(inputs)
            #expect(found.map(\.name) == expected.map(\.name))
            for (a, b) in zip(found, expected) {
                #expect(try #require(a.tensor.relativeError(to: b.tensor)) < 1e-4)
            }
        }
        let taps = graph.nodes.compactMap { $0.output(0).map { graph[$0].name } }
        let tapped = try Session(graph, options: SessionOptions(threads: 1, taps: taps)).run(inputs)
        for (a, b) in zip(tapped, expected) {
            #expect(try #require(a.tensor.relativeError(to: b.tensor)) < 1e-4)
        }
    }

    /// Thirty nodes over maps of 2x4x5x5; some values come out as results.
    private static func graph(_ numbers: inout SeededNumbers) throws -> Graph {
        var builder = TestGraph()
        var values = [try builder.input("x", [2, 4, 5, 5]), try builder.input("y", [2, 4, 5, 5])]
        for _ in 0..<30 {
            // Mostly recent values, so that chains form and older ones die.
            func pick() -> ValueID {
                values[values.count - 1 - Int.random(in: 0..<min(values.count, 5), using: &numbers)]
            }
            let value: ValueID
            switch Int.random(in: 0..<9, using: &numbers) {
            case 0, 1:
                let side = [1, 3].randomElement(using: &numbers) ?? 1
                let weights = try numbers.tensor([4, 4, side, side], in: -0.4...0.4)
                let pads = [Int64](repeating: Int64(side / 2), count: 4)
                value = try builder.add(
                    "Conv", [pick(), try builder.constant(weights)], ["pads": .ints(pads)])
            case 2: value = try builder.add("Relu", [pick()])
            case 3: value = try builder.add("Add", [pick(), pick()])
            case 4: value = try builder.add("Sub", [pick(), pick()])
            case 5: value = try builder.add("Sigmoid", [pick()])
            case 6:
                let shape = try builder.constant(Tensor([Int64(2), 100]))
                let flat = try builder.add("Reshape", [pick(), shape])
                let back = try builder.constant(Tensor([Int64(2), 4, 5, 5]))
                value = try builder.add("Reshape", [flat, back])
            case 7:
                let pooled = try builder.add("GlobalAveragePool", [pick()])
                value = try builder.add("Mul", [pick(), pooled])
            default: value = try builder.add("Floor", [pick()])
            }
            values.append(value)
        }
        var outputs = [values[values.count - 1]]
        for value in values.dropLast() where Int.random(in: 0..<8, using: &numbers) == 0 {
            outputs.append(value)
        }
        return try builder.graph(outputs: outputs)
    }
}
