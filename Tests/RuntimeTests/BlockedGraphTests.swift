import GraphIR
import Operators
import Testing

@testable import Runtime

/// Random networks in the blocked layout against the reference evaluation, with channels that do not fill
/// their blocks and odd widths.
@Suite struct BlockedGraphTests {
    @Test(arguments: 0..<16, InstructionSet.supported)
    func agreesWithReference(seed: Int, instructionSet: InstructionSet) throws {
        var numbers = SeededNumbers(seed: UInt64(seed + 1000))
        let (graph, shape) = try BlockedGraphTests.graph(&numbers)
        let inputs = ["x": try numbers.tensor(shape)]
        let expected = try ReferenceEvaluator.run(graph, inputs: inputs)
        for isExact in [true, false] {
            let options = SessionOptions(threads: 2, instructionSet: instructionSet, isExact: isExact)
            let session = try Session(graph, options: options)
            for _ in 0..<2 {
                for (a, b) in zip(try session.run(inputs), expected) {
                    let error = try #require(a.tensor.relativeError(to: b.tensor))
                    #expect(error < (isExact ? 2e-5 : 1e-4))
                }
            }
        }
    }

    @Test(arguments: 0..<6) func isTheSameAtAnyThreadCountAndInAnyBatch(seed: Int) throws {
        var numbers = SeededNumbers(seed: UInt64(seed + 2000))
        let (graph, shape) = try BlockedGraphTests.graph(&numbers)
        let x = try numbers.tensor([3] + shape.dropFirst())
        let alone = try Session(graph, options: SessionOptions(threads: 1)).run(["x": x])
        for threads in 2...5 {
            let session = try Session(graph, options: SessionOptions(threads: threads))
            #expect(try session.run(["x": x]).map(\.tensor.bits) == alone.map(\.tensor.bits))
            for sample in 0..<3 {
                let part = try session.run(["x": x.sample(sample)])
                #expect(part[0].tensor == (try alone[0].tensor.sample(sample)))
            }
        }
    }

    /// A chain of 24 nodes from N x C x H x W on, with side branches.
    static func graph(_ numbers: inout SeededNumbers) throws -> (graph: Graph, input: [Int]) {
        func choose(_ values: [Int]) -> Int { values.randomElement(using: &numbers) ?? values[0] }
        var network = Network(
            [choose([1, 2]), choose([3, 16, 20]), choose([7, 8, 11]), choose([5, 9, 14])])
        try network.start()
        for _ in 0..<24 { try network.grow(Int.random(in: 0..<13, using: &numbers), &numbers) }
        let shape = network.inputShape
        return (try network.builder.graph(outputs: [network.value]), shape)
    }

    /// A network under construction: its last value, and earlier ones of the same shape.
    private struct Network {
        var builder = TestGraph()
        let inputShape: [Int]
        var shape: [Int]
        var values: [ValueID] = []

        init(_ shape: [Int]) { (inputShape, self.shape) = (shape, shape) }

        var value: ValueID { values[values.count - 1] }

        mutating func start() throws {
            let type = TensorType(.float32, Shape([.symbol("N")] + shape.dropFirst().map { .fixed($0) }))
            values = [try builder.input("x", type)]
        }

        private mutating func become(_ value: ValueID, _ channels: Int) {
            values = [value]
            shape[1] = channels
        }

        mutating func grow(_ kind: Int, _ numbers: inout SeededNumbers) throws {
            let channels = shape[1]
            func earlier() -> ValueID { values.randomElement(using: &numbers) ?? value }
            switch kind {
            case 0, 1, 2:
                let outputs = [channels, 16, 21, 40].randomElement(using: &numbers) ?? 16
                let side = [1, 3, 3, 5].randomElement(using: &numbers) ?? 3
                let next = try convolution(outputs, side, groups: 1, &numbers)
                if outputs == channels { values.append(next) } else { become(next, outputs) }
            case 3: values.append(try convolution(channels, 3, groups: channels, &numbers))
            case 4:
                let groups = [2, 4, 5, 8].first { channels % $0 == 0 } ?? 1
                values.append(try convolution(channels, 3, groups: groups, &numbers))
            case 5: values.append(try builder.add("Relu", [value]))
            case 6: values.append(try builder.add("Add", [value, earlier()]))
            case 7: values.append(try builder.add("Sub", [earlier(), value]))
            case 8:
                let type = ["MaxPool", "AveragePool"].randomElement(using: &numbers) ?? "MaxPool"
                values.append(
                    try builder.add(
                        type, [value], ["kernel_shape": .ints([3, 3]), "pads": .ints([1, 1, 1, 1])]))
            case 9:
                let pooled = try builder.add("GlobalAveragePool", [value])
                let gate = try builder.add("Sigmoid", [pooled])
                values.append(try builder.add("Mul", [value, gate]))
            case 10:
                let joined = try builder.add("Concat", [value, earlier()], ["axis": .int(1)])
                if channels <= 40 { become(joined, 2 * channels) }
            case 11 where channels > 20:
                let bounds = try [16, channels, 1].map { try builder.constant(Tensor([Int64($0)])) }
                become(try builder.add("Slice", [value] + bounds), channels - 16)
            default:
                let parameters = try (0..<3).map { _ in try builder.constant(try numbers.tensor([channels])) }
                let variance = try builder.constant(try numbers.tensor([channels], in: 0.5...2))
                values.append(
                    try builder.add("BatchNormalization", [value] + parameters + [variance]))
            }
        }

        private mutating func convolution(
            _ outputs: Int, _ side: Int, groups: Int, _ numbers: inout SeededNumbers
        ) throws -> ValueID {
            let depth = shape[1] / groups
            let bound = 1.5 / Float(depth * side * side).squareRoot()
            let weights = try builder.constant(
                try numbers.tensor([outputs, depth, side, side], in: -bound...bound))
            let pads = [Int64](repeating: Int64(side / 2), count: 4)
            return try builder.add(
                "Conv", [value, weights], ["pads": .ints(pads), "group": .int(Int64(groups))])
        }
    }
}
