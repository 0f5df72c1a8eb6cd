import GraphIR
import Operators
import Testing

@testable import Passes

@Suite struct AffineToBatchNormalizationTests {
    let pass = AffineToBatchNormalization()

    @Test("Mul and Add per channel become one node", arguments: [[3, 1, 1], [1, 3, 1, 1]])
    func fires(shape: [Int]) throws {
        let before = try graph(shape)
        let after = try before.after(pass)
        #expect(after.nodes.map(\.operatorType) == ["BatchNormalization"])
        #expect(after.outputs.map { after[$0].name } == ["y"])
        let x = try Tensor.noise([2, 3, 4, 4], seed: "x")
        let expected = try ReferenceEvaluator.run(before, inputs: ["x": x], taps: [])
        let found = try ReferenceEvaluator.run(after, inputs: ["x": x], taps: [])
        let (a, b) = (try #require(expected.first?.tensor.floats), try #require(found.first?.tensor.floats))
        #expect(zip(a, b).allSatisfy { abs($0 - $1) <= 1e-6 })
    }

    @Test("Constants along other axes, or of one element, are left alone", arguments: [[1, 4], [1], [3, 4, 4]])
    func keepsOtherBroadcasts(shape: [Int]) throws {
        #expect(try pass.run(try graph(shape)) == nil)
    }

    @Test func keepsAProductThatIsReadElsewhere() throws {
        var builder = GraphBuilder()
        let x = try builder.input("x", [2, 3, 4, 4])
        let product = try builder.add("Mul", [x, try builder.weight("c", [3, 1, 1])], "p")
        let sum = try builder.add("Add", [product, try builder.weight("d", [3, 1, 1])], "y")
        #expect(try pass.run(try builder.graph(sum, product)) == nil)
    }

    private func graph(_ shape: [Int]) throws -> Graph {
        var builder = GraphBuilder()
        let x = try builder.input("x", [2, 3, 4, 4])
        let product = try builder.add("Mul", [try builder.weight("c", shape), x], "p")
        let sum = try builder.add("Add", [product, try builder.weight("d", shape)], "y")
        return try builder.graph(sum)
    }
}
