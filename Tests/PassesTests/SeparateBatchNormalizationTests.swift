import GraphIR
import TestSupport
import Testing

@testable import Passes

@Suite struct SeparateBatchNormalizationTests {
    let pass = SeparateBatchNormalization()

    @Test("The normalisation takes over the bias", arguments: [false, true])
    func fires(hasBias: Bool) throws {
        var builder = GraphBuilder()
        let x = try builder.input("x", ["N", 2, 4, 4])
        let w = try builder.weight("w", [3, 2, 3, 3])
        let y = try builder.add("Conv", [x, w, hasBias ? try builder.weight("b", [3]) : nil], "y")
        let before = try builder.graph(y)
        let after = try before.after(pass)
        #expect(
            after.lines == [
                "Conv(x, w) -> y_conv", "BatchNormalization(y_conv, y_scale, y_shift, y_mean, y_var) -> y",
            ])
        let inputs = try before.seededInputs()
        #expect(try after.evaluated(inputs).relativeError(to: try before.evaluated(inputs)) < 1e-6)
        #expect(try pass.run(after) == nil)
        let captured = try builder.graph(y, try builder.capture(y, in: "z")).after(pass)
        #expect(captured.lines == after.lines + ["If(flag) -> z"])
    }

    @Test func foldingUndoesIt() throws {
        var builder = GraphBuilder()
        let x = try builder.input("x", ["N", 2, 4, 4])
        let y = try builder.add(
            "Conv", [x, try builder.weight("w", [3, 2, 3, 3]), try builder.weight("b", [3])], "y")
        let before = try builder.graph(y)
        let after = try before.after(pass).after(FoldBatchNormalization())
        #expect(after.order.count == 1)
        let (w, v) = (try #require(before.constant(named: "w")), try #require(after.constant(named: "w")))
        #expect(try v.relativeError(to: w) < 1e-7)
    }

    @Test func aConvolutionThatIsNormalisedStays() throws {
        var builder = GraphBuilder()
        let x = try builder.input("x", ["N", 2, 4, 4])
        let c = try builder.add("Conv", [x, try builder.weight("w", [3, 2, 3, 3])], "c")
        let y = try builder.batchNormalization(c, channels: 3, "y")
        #expect(try pass.run(try builder.graph(y)) == nil)
    }

    @Test func aBiasThatIsComputedStays() throws {
        var builder = GraphBuilder()
        let x = try builder.input("x", ["N", 2, 4, 4])
        let b = try builder.input("b", [3])
        let y = try builder.add("Conv", [x, try builder.weight("w", [3, 2, 3, 3]), b], "y")
        #expect(try pass.run(try builder.graph(y)) == nil)
    }
}
