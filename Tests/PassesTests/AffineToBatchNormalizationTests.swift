import GraphIR
import TestSupport
import Testing

@testable import Passes

@Suite struct AffineToBatchNormalizationTests {
    let pass = AffineToBatchNormalization()

    /// Relu(x) * a + b with x [N, 3, 4, 4], the constants of the given shapes.
    private func mulAdd(
        _ scale: [Int], _ shift: [Int], constantFirst: Bool = false, dims: [Dim] = ["N", 3, 4, 4],
        opset: Int = 15
    ) throws -> (builder: GraphBuilder, m: ValueID, y: ValueID) {
        var builder = GraphBuilder(opset: opset)
        let x = try builder.add("Relu", [try builder.input("x", dims)], "r")
        let a = try builder.weight("a", scale)
        let b = try builder.weight("b", shift)
        let m = try builder.add("Mul", constantFirst ? [a, x] : [x, a], "m")
        let y = try builder.add("Add", constantFirst ? [b, m] : [m, b], "y")
        return (builder, m, y)
    }

    @Test("Constants per channel, on either side", arguments: [[1, 3, 1, 1], [3, 1, 1]], [false, true])
    func fires(shape: [Int], constantFirst: Bool) throws {
        var (builder, _, y) = try mulAdd(shape, [1, 3, 1, 1], constantFirst: constantFirst)
        let before = try builder.graph(y)
        let after = try before.after(pass)
        #expect(
            after.lines == ["Relu(x) -> r", "BatchNormalization(r, y_scale, y_shift, y_mean, y_var) -> y"])
        try after.expectSameOutputs(as: before)
        #expect(after.constant(named: "y_scale")?.bytes == before.constant(named: "a")?.bytes)
        #expect(try pass.run(after) == nil)
    }

    @Test(
        "Other constants stay",
        arguments: [
            ([1, 3, 4, 4], [1, 3, 1, 1]), ([1, 3, 1, 1], [1]), ([4], [4]),
            ([1, 1, 1, 1, 3, 1, 1], [3, 1, 1]),
        ])
    func otherShapes(scale: [Int], shift: [Int]) throws {
        var (builder, _, y) = try mulAdd(scale, shift)
        #expect(try pass.run(try builder.graph(y)) == nil)
    }

    @Test func aSingleFactorIsNoNormalisation() throws {
        var (builder, _, y) = try mulAdd([1, 1, 1], [1, 1, 1], dims: ["N", 1, 4, 4])
        #expect(try pass.run(try builder.graph(y)) == nil)
    }

    @Test func matricesAndUnknownChannelsStay() throws {
        var (matrix, _, y) = try mulAdd([3], [3], dims: ["N", 3])
        #expect(try pass.run(try matrix.graph(y)) == nil)
        var (unknown, _, z) = try mulAdd([3, 1, 1], [3, 1, 1], dims: ["N", "C", 4, 4])
        #expect(try pass.run(try unknown.graph(z)) == nil)
    }

    @Test func aProductThatIsReadElsewhereStays() throws {
        var (builder, m, y) = try mulAdd([3, 1, 1], [3, 1, 1])
        #expect(try pass.run(try builder.graph(y, m)) == nil)
        let z = try builder.add("Relu", [m], "z")
        #expect(try pass.run(try builder.graph(y, z)) == nil)
    }

    @Test func residualSumsStay() throws {
        var builder = GraphBuilder()
        let x = try builder.input("x", ["N", 3, 4, 4])
        let m = try builder.add("Mul", [x, try builder.weight("a", [3, 1, 1])], "m")
        #expect(try pass.run(try builder.graph(try builder.add("Add", [m, x], "y"))) == nil)
    }
}
