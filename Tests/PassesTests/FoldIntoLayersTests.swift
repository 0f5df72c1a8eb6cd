import GraphIR
import Operators
import TestSupport
import Testing

@testable import Passes

/// The layers that take in what follows them.
enum LayerKind: String, CaseIterable, Sendable {
    case conv, groupedConv, convTranspose, groupedConvTranspose, gemm, gemmTransposed

    static let channels = 4

    /// Adds the layer on an input x of its own, with a bias if asked for; its output is c.
    func add(to builder: inout GraphBuilder, hasBias: Bool) throws -> ValueID {
        let channels = LayerKind.channels
        let bias = hasBias ? try builder.weight("b", [channels]) : nil
        switch self {
        case .gemm, .gemmTransposed:
            let isTransposed = self == .gemmTransposed
            let x = try builder.input("x", ["N", 3])
            let w = try builder.weight("w", isTransposed ? [channels, 3] : [3, channels])
            return try builder.add(
                "Gemm", [x, w] + (bias.map { [$0] } ?? []), "c",
                ["transB": .int(isTransposed ? 1 : 0), "alpha": .float(0.5), "beta": .float(3)])
        default:
            let groups = rawValue.hasPrefix("grouped") ? 2 : 1
            let isTransposed = self == .convTranspose || self == .groupedConvTranspose
            let x = try builder.input("x", ["N", 6, 5, 5])
            let shape = isTransposed ? [6, channels / groups, 3, 2] : [channels, 6 / groups, 3, 2]
            return try builder.add(
                isTransposed ? "ConvTranspose" : "Conv",
                [x, try builder.weight("w", shape)] + (bias.map { [$0] } ?? []), "c",
                ["group": .int(Int64(groups))])
        }
    }

    var operatorType: String {
        switch self {
        case .conv, .groupedConv: "Conv"
        case .convTranspose, .groupedConvTranspose: "ConvTranspose"
        case .gemm, .gemmTransposed: "Gemm"
        }
    }

    /// A constant with one element for each channel.
    var perChannel: [Int] { operatorType == "Gemm" ? [LayerKind.channels] : [LayerKind.channels, 1, 1] }
}

@Suite struct FoldBatchNormalizationIntoLayersTests {
    @Test(arguments: LayerKind.allCases, [false, true])
    func folds(kind: LayerKind, hasBias: Bool) throws {
        var builder = GraphBuilder()
        let c = try kind.add(to: &builder, hasBias: hasBias)
        let y = try builder.batchNormalization(c, channels: LayerKind.channels, "y")
        try builder.graph(y).expectRewrite(
            by: FoldBatchNormalization(),
            to: ["\(kind.operatorType)(x, w, \(hasBias ? "b" : "y_bias")) -> y"])
    }
}

@Suite struct FoldChannelArithmeticTests {
    let pass = FoldChannelArithmetic()

    @Test("Each operator, in each layer", arguments: LayerKind.allCases, ["Mul", "Add", "Sub", "Div"])
    func folds(kind: LayerKind, operation: String) throws {
        var builder = GraphBuilder()
        let c = try kind.add(to: &builder, hasBias: true)
        let k = try builder.constant("k", try .noise(kind.perChannel, seed: "k"))
        let y = try builder.add(operation, [c, k], "y")
        try builder.graph(y).expectRewrite(by: pass, to: ["\(kind.operatorType)(x, w, b) -> y"])
    }

    @Test("The constant stands first", arguments: ["Mul", "Add", "Sub"])
    func constantFirst(operation: String) throws {
        var builder = GraphBuilder()
        let c = try LayerKind.conv.add(to: &builder, hasBias: false)
        let k = try builder.constant("k", try Tensor(shape: [1, 1, 1, 1], [Float(2.5)]))
        let y = try builder.add(operation, [k, c], "y")
        try builder.graph(y).expectRewrite(
            by: pass, to: ["Conv(x, w\(operation == "Mul" ? "" : ", y_bias")) -> y"])
    }

    /// Pictures of what the conditions exclude.
    enum Obstacle: String, CaseIterable, Sendable {
        case divisor, zero, perColumn, larger, secondReader, output, captured, computedWeights, oldOpset,
            double
    }

    @Test("Does nothing where a condition fails", arguments: Obstacle.allCases)
    func keeps(obstacle: Obstacle) throws {
        var builder = GraphBuilder(opset: obstacle == .oldOpset ? 6 : 17)
        let x = try builder.input("x", [1, 4, 4, 4])
        let free = try builder.input("free", [4, 4, 1, 1])
        let w = obstacle == .computedWeights ? free : try builder.weight("w", [4, 4, 1, 1])
        let c = try builder.add("Conv", [x, w], "c")
        let constant: Tensor =
            switch obstacle {
            case .zero: try Tensor(shape: [4, 1, 1], [Float](repeating: 0, count: 4))
            case .perColumn: try .noise([4], seed: "k")
            case .larger: try .noise([3, 1, 4, 1, 1].suffix(5).map { $0 }, seed: "k")
            case .double: try Tensor(shape: [4, 1, 1], [1.0, 2, 3, 4])
            default: try .noise([4, 1, 1], seed: "k")
            }
        let k = try builder.constant("k", constant)
        let operation = obstacle == .divisor || obstacle == .zero ? "Div" : "Mul"
        let y = try builder.add(operation, obstacle == .divisor ? [k, c] : [c, k], "y")
        var outputs = [y]
        switch obstacle {
        case .secondReader: outputs.append(try builder.add("Relu", [c], "z"))
        case .output: outputs.append(c)
        case .captured: outputs.append(try builder.capture(c, in: "z"))
        default: break
        }
        var edit = builder.edit
        for output in outputs { edit.addOutput(output) }
        var graph = try edit.commit()
        if obstacle != .double, obstacle != .oldOpset { graph = try ShapeInference.infer(graph) }
        #expect(try pass.run(graph) == nil)
    }
}

@Suite struct MatMulAddToGemmTests {
    let pass = MatMulAddToGemm()

    @Test(
        "The bias may stand on either side and have any shape that broadcasts",
        arguments: [[4], [1, 4], [1], [], [1, 1]], [false, true])
    func fuses(bias: [Int], isFirst: Bool) throws {
        var builder = GraphBuilder()
        let x = try builder.input("x", ["N", 3])
        let w = try builder.weight("w", [3, 4])
        let b = try builder.weight("b", bias)
        let m = try builder.add("MatMul", [x, w], "m")
        let y = try builder.add("Add", isFirst ? [b, m] : [m, b], "y")
        try builder.graph(y).expectRewrite(by: pass, to: ["Gemm(x, w, b) -> y"])
    }

    @Test("Does nothing where a condition fails", arguments: ["rank", "wide", "rows", "reader", "opset"])
    func keeps(obstacle: String) throws {
        var builder = GraphBuilder(opset: obstacle == "opset" ? 6 : 17)
        let x = try builder.input("x", obstacle == "rank" ? [2, "N", 3] : ["N", 3])
        let w = try builder.weight("w", [3, obstacle == "wide" ? 1 : 4])
        let shape = ["wide": [4], "rows": [2, 4]][obstacle] ?? [4]
        let m = try builder.add("MatMul", [x, w], "m")
        let y = try builder.add("Add", [m, try builder.weight("b", shape)], "y")
        let graph = try obstacle == "reader" ? builder.graph(y, m) : builder.graph(y)
        #expect(try pass.run(graph) == nil)
    }
}
