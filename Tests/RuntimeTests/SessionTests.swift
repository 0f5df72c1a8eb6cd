import GraphIR
import Operators
import Testing

@testable import Runtime

@Suite struct SessionTests {
    /// N x 3 x H x W -> conv -> relu -> conv, with a symbolic batch.
    static func network(batch: Dim = .symbol("N"), side: Dim = 9) throws -> Graph {
        var numbers = SeededNumbers(seed: 1)
        var builder = TestGraph()
        let x = try builder.input("x", TensorType(.float32, Shape([batch, 3, side, side])))
        let w1 = try builder.constant(try numbers.tensor([8, 3, 3, 3]))
        let w2 = try builder.constant(try numbers.tensor([5, 8, 1, 1]))
        let inner = try builder.add("Conv", [x, w1], named: "inner", ["pads": .ints([1, 1, 1, 1])])
        let relu = try builder.add("Relu", [inner], named: "relu")
        let y = try builder.add("Conv", [relu, w2], named: "y")
        return try builder.graph(outputs: [y])
    }

    @Test func symbolicExtentsAreBoundByTheInputs() throws {
        let session = try Session(try SessionTests.network(side: .symbol("S")))
        var numbers = SeededNumbers(seed: 2)
        for (batch, side) in [(1, 9), (3, 9), (2, 5), (1, 9), (1, 4), (1, 6), (1, 7), (3, 9)] {
            let result = try session.run(["x": numbers.tensor([batch, 3, side, side])])
            #expect(result.map(\.tensor.shape) == [[batch, 5, side, side]])
        }
    }

    @Test func aBatchEqualsItsSamples() throws {
        let session = try Session(try SessionTests.network())
        var numbers = SeededNumbers(seed: 3)
        let batch = try numbers.tensor([4, 3, 9, 9])
        let whole = try #require(try session.run(["x": batch]).first).tensor
        for sample in 0..<4 {
            let part = try #require(try session.run(["x": try batch.sample(sample)]).first).tensor
            #expect(part == (try whole.sample(sample)))
        }
    }

    @Test func tapsReturnInnerValuesAndChangeNothing() throws {
        let graph = try SessionTests.network()
        var numbers = SeededNumbers(seed: 4)
        let x = try numbers.tensor([2, 3, 9, 9])
        let plain = try Session(graph).run(["x": x])
        let tapped = try Session(graph, options: SessionOptions(taps: ["inner", "relu", "x", "constant1"]))
            .run(["x": x])
        #expect(tapped.map(\.name) == ["y", "inner", "relu", "x", "constant1"])
        #expect(tapped[0].tensor == plain[0].tensor)
        let inner = try tapped[1].tensor.elements(of: Float.self)
        let relu = try tapped[2].tensor.elements(of: Float.self)
        #expect(inner.contains { $0 < 0 })
        #expect(relu == inner.map { max($0, 0) })
        #expect(tapped[3].tensor == x)
        #expect(tapped[4].tensor == graph.value(named: "constant1")?.constant)
    }

    @Test func resultsOutliveTheNextRun() throws {
        let session = try Session(try SessionTests.network(batch: 1))
        var numbers = SeededNumbers(seed: 5)
        let first = try session.run(["x": numbers.tensor([1, 3, 9, 9])])
        let kept = try first[0].tensor.elements(of: Float.self)
        _ = try session.run(["x": numbers.tensor([1, 3, 9, 9])])
        #expect(try first[0].tensor.elements(of: Float.self) == kept)
    }

    @Test func weightsAtOddAddressesAreCopied() throws {
        var numbers = SeededNumbers(seed: 6)
        let w = try numbers.tensor([2, 3, 1, 1])
        let shifted = ByteRegion([UInt8(0)] + w.bytes.withUnsafeBytes { Array($0) })
        let odd = try Tensor(
            .float32, shape: w.shape, bytes: try #require(shifted.slice(offset: 1, count: w.bytes.count)))
        let x = try numbers.tensor([1, 3, 4, 4])
        let results = try [w, odd].map { weights in
            let (graph, inputs) = try TestGraph.single("Conv", [x, weights], constants: [1])
            return try Session(graph).run(inputs).map(\.tensor)
        }
        #expect(results[0] == results[1])
    }

    @Test func aDefaultedInputMayBeGivenOrNot() throws {
        var numbers = SeededNumbers(seed: 8)
        let (weights, others) = (try numbers.tensor([2, 3, 1, 1]), try numbers.tensor([2, 3, 1, 1]))
        var builder = TestGraph()
        let x = try builder.input("x", [1, 3, 4, 4])
        let w = try builder.input("w", [2, 3, 1, 1])
        builder.edit.setInitializer(w, weights)
        let y = try builder.add("Conv", [x, w])
        let session = try Session(try builder.graph(outputs: [y]))
        let input = try numbers.tensor([1, 3, 4, 4])
        let defaulted = try session.run(["x": input])
        let given = try session.run(["x": input, "w": weights])
        let changed = try session.run(["x": input, "w": others])
        // A weight that is given is no constant to pack: its kernel may add in another order.
        #expect(try #require(defaulted[0].tensor.relativeError(to: given[0].tensor)) < 1e-6)
        #expect(defaulted[0].tensor != changed[0].tensor)
    }

    @Test func memoryIsSharedByValuesThatDoNotMeet() throws {
        var numbers = SeededNumbers(seed: 9)
        var builder = TestGraph()
        var value = try builder.input("x", [1, 16, 12, 12])
        for _ in 0..<10 {
            let w = try builder.constant(try numbers.tensor([16, 16, 1, 1]))
            value = try builder.add("Conv", [value, w])
        }
        let session = try Session(try builder.graph(outputs: [value]))
        // Two maps alternate, and the result is a third.
        #expect(session.peakActivationBytes == 3 * 16 * 12 * 12 * 4)
    }

    // MARK: Inputs that do not fit

    struct BadInput: Sendable, CustomTestStringConvertible {
        let inputs: [String: [Int]]
        let message: String
        var testDescription: String { message }
    }

    @Test(arguments: [
        BadInput(inputs: [:], message: "input \"a\": is not given; give a tensor for it"),
        BadInput(
            inputs: ["a": [2, 3], "b": [2], "c": [1]],
            message: "input \"c\": the model has no such input; name one of: a, b"),
        BadInput(
            inputs: ["a": [2, 4], "b": [2]],
            message: "input \"a\": the model takes Nx3, the tensor is 2x4; give a tensor of shape Nx3"),
        BadInput(
            inputs: ["a": [2, 3, 1], "b": [2]],
            message: "input \"a\": the model takes Nx3, the tensor is 2x3x1; give a tensor of shape Nx3"),
        BadInput(
            inputs: ["a": [2, 3], "b": [5]],
            message:
                "input \"b\": extent N is 5 here and 2 in another place; give inputs that agree on N"),
    ]) func misfitsAreNamed(_ bad: BadInput) throws {
        var builder = TestGraph()
        let a = try builder.input("a", TensorType(.float32, Shape([.symbol("N"), 3])))
        let b = try builder.input("b", TensorType(.float32, Shape([.symbol("N")])))
        let outputs = [try builder.add("Relu", [a]), try builder.add("Relu", [b])]
        let session = try Session(try builder.graph(outputs: outputs))
        var numbers = SeededNumbers(seed: 1)
        var tensors: [String: Tensor] = [:]
        for (name, shape) in bad.inputs { tensors[name] = try numbers.tensor(shape) }
        let error = #expect(throws: RuntimeError.self) { try session.run(tensors) }
        #expect(error?.description == bad.message)
    }

    @Test func elementTypesAreChecked() throws {
        let session = try Session(try SessionTests.network())
        let x = try Tensor(shape: [1, 3, 9, 9], [Double](repeating: 0, count: 243))
        #expect(
            throws: RuntimeError.inputType("x", expected: .float32, found: .float64)
        ) { try session.run(["x": x]) }
    }

    @Test func unknownNamesAreRefused() throws {
        let graph = try SessionTests.network()
        #expect(throws: RuntimeError.unknownTap("z")) {
            try Session(graph, options: SessionOptions(taps: ["z"]))
        }
        let (other, _) = try TestGraph.single("NoSuchOperator", [Tensor([Float(1)])])
        let unknown = UnknownOperator(name: "NoSuchOperator")
        #expect(throws: RuntimeError.unsupportedOperator(node: "node \"node\" (NoSuchOperator)", unknown)) {
            try Session(other)
        }
    }

    /// A subgraph reads values of the enclosing graph, among them one whose memory others wait for.
    @Test(arguments: [true, false]) func subgraphsReadWhatTheyCapture(takesThen: Bool) throws {
        func branch(_ type: String) throws -> Graph {
            var builder = TestGraph()
            let captured = try builder.edit.addCapture("inner", type: nil)
            let result = try builder.add(type, [captured], named: "result")
            return try builder.graph(outputs: [result])
        }
        var builder = TestGraph()
        let condition = try builder.input("condition", TensorType(.bool, []))
        let x = try builder.input("x", [2, 3])
        let inner = try builder.add("Neg", [x], named: "inner")
        let other = try builder.add("Exp", [x])
        let node = try builder.edit.addNode(
            "If", inputs: [condition], outputs: ["chosen"],
            attributes: [
                "then_branch": .graph(try branch("Relu")), "else_branch": .graph(try branch("Abs")),
            ],
            captures: [inner])
        let chosen = try #require(builder.edit.graph[node].output(0))
        let sum = try builder.add("Add", [chosen, other])
        let graph = try builder.graph(outputs: [sum])
        var numbers = SeededNumbers(seed: 12)
        let inputs = ["condition": Tensor(scalar: takesThen), "x": try numbers.tensor([2, 3])]
        let found = try Session(graph).run(inputs)
        let expected = try ReferenceEvaluator.run(graph, inputs: inputs)
        #expect(try #require(found[0].tensor.relativeError(to: expected[0].tensor)) < 1e-6)
    }

    /// Shapes that only contents decide: the result lies outside the plan's memory.
    @Test func shapesMayDependOnContents() throws {
        var builder = TestGraph()
        let x = try builder.input("x", [2, 6])
        let shape = try builder.input("shape", TensorType(.int64, [2]))
        let relu = try builder.add("Relu", [x])
        let reshaped = try builder.add("Reshape", [relu, shape])
        let twice = try builder.add("Add", [reshaped, reshaped])
        let session = try Session(try builder.graph(outputs: [twice, reshaped]))
        var numbers = SeededNumbers(seed: 13)
        let tensor = try numbers.tensor([2, 6])
        for extents in [[3, 4], [12, 1], [-1, 2]] as [[Int64]] {
            let found = try session.run(["x": tensor, "shape": Tensor(extents)])
            let elements = try found[1].tensor.elements(of: Float.self)
            #expect(elements == (try tensor.elements(of: Float.self)).map { max($0, 0) })
            #expect(try found[0].tensor.elements(of: Float.self) == elements.map { 2 * $0 })
            #expect(found[0].tensor.shape.reduce(1, *) == 12 && found[0].tensor.rank == 2)
        }
    }

    @Test func concurrentCallersGetTheirOwnResults() async throws {
        let session = try Session(try SessionTests.network(), options: SessionOptions(threads: 2))
        let inputs = try (0..<4).map { seed in
            var numbers = SeededNumbers(seed: UInt64(seed))
            return try numbers.tensor([1 + seed % 2, 3, 9, 9])
        }
        let expected = try inputs.map { try session.run(["x": $0])[0].tensor }
        try await withThrowingTaskGroup(of: Bool.self) { group in
            for round in 0..<16 {
                group.addTask {
                    try session.run(["x": inputs[round % 4]])[0].tensor == expected[round % 4]
                }
            }
            for try await isEqual in group { #expect(isEqual) }
        }
    }
}

extension Tensor {
    /// One sample of a batch of floats, as a batch of one.
    func sample(_ index: Int) throws -> Tensor {
        let size = elementCount / shape[0]
        let elements = try elements(of: Float.self)
        return try Tensor(shape: [1] + shape[1...], Array(elements[index * size..<(index + 1) * size]))
    }
}
