import GraphIR
import Operators
import Synchronization
import Testing

@testable import Comparison

/// x -> a0 -> a1 -> ... -> a9 (output), each value the one before it times a constant.
private func chain(factors: [Float], prefix: String = "a") throws -> Graph {
    var edit = GraphEdit(Graph(name: "chain", opsets: OpsetImports(onnx: 17)))
    var value = try edit.addInput("x", type: .tensor(TensorType(.float32, [1, 8])))
    for (index, factor) in factors.enumerated() {
        let constant = try edit.addInitializer("\(prefix)\(index).k", Tensor([factor]))
        value = try edit.add("Mul", [value, constant], output: "\(prefix)\(index)")
    }
    edit.addOutput(value)
    return try ShapeInference.infer(try edit.commit())
}

/// Counts how often values are asked for, and how many at most.
private final class CountingSource: ValueSource {
    let model: RunningModel
    let counts = Mutex((runs: 0, most: 0))

    init(_ model: RunningModel) { self.model = model }

    func values(named names: [String]) throws -> [String: Tensor] {
        counts.withLock { $0 = ($0.runs + 1, max($0.most, names.count)) }
        return try model.values(named: names)
    }
}

@Suite struct DivergenceSearchTests {
    @Test("A quantised value is compared as what its readers get, whichever side is quantised")
    func quantizedValues() throws {
        let float = try chain(factors: [1, 2, 3])
        var edit = GraphEdit(float)
        let inner = try #require(float.value(named: "a1")).id
        let reader = try #require(float.consumers(of: inner).first)
        let parameters: [ValueID?] = [
            try edit.addInitializer("scale", Tensor(scalar: Float(0.1))),
            try edit.addInitializer("zero", Tensor(scalar: UInt8(0))),
        ]
        let bytes = try edit.add("QuantizeLinear", [inner] + parameters, output: "a1_bytes")
        let back = try edit.add("DequantizeLinear", [bytes] + parameters, output: "a1_back")
        edit.setInput(reader.id, 0, back)
        let quantized = try ShapeInference.infer(try edit.commit())
        func pairs(_ left: Graph, _ right: Graph) -> [[String]] {
            ValuePairs.matching(left, right).map { [$0.name, $0.otherName] }
        }
        #expect(pairs(float, quantized) == [["a0", "a0"], ["a1", "a1_back"], ["a2", "a2"]])
        #expect(pairs(quantized, float) == [["a0", "a0"], ["a1_back", "a1"], ["a2", "a2"]])
        #expect(
            pairs(quantized, quantized)
                == ["a0", "a1", "a1_bytes", "a1_back", "a2"].map { [$0, $0] })
    }

    private let inputs = ["x": Tensor.ones]
    private let ones = [Float](repeating: 1, count: 10)

    private func search(
        _ factors: [Float], windowBytes: Int = 1 << 20, tolerance: Double? = nil
    ) throws -> (result: DivergenceSearch.Result, source: CountingSource) {
        let (graph, other) = (try chain(factors: factors), try chain(factors: ones))
        let source = CountingSource(RunningModel(other, inputs: inputs, threads: 1))
        let search = DivergenceSearch(
            RunningModel(graph, inputs: inputs, threads: 1), source,
            pairs: ValuePairs.matching(graph, other),
            options: .init(tolerance: tolerance, windowBytes: windowBytes))
        return (try search.run(), source)
    }

    @Test("The first divergent value is found, in windows of any size", arguments: 0..<10, [1, 200, 1 << 20])
    func finds(place: Int, windowBytes: Int) throws {
        var factors = ones
        factors[place] = 1.25
        let (result, source) = try search(factors, windowBytes: windowBytes)
        let first = try #require(result.first)
        #expect(first.name == "a\(place)")
        #expect(first.difference?.maxAbsolute == 0.25)
        #expect(first.difference?.relative == 0.25)
        #expect(first.unitsInLastPlace == 1 << 21)
        #expect(result.inputsOfFirst.map(\.name) == (place == 0 ? [] : ["a\(place - 1)"]))
        #expect(result.inputsOfFirst.allSatisfy { !$0.isDivergent })
        // Both sides of a value take 64 bytes.
        let most = source.counts.withLock { $0.most }
        #expect(most <= max(1, windowBytes / 64))
    }

    @Test("Bisecting takes a logarithm of the windows, and no difference is a fact about all of them")
    func runs() throws {
        var factors = ones
        factors[3] = 2
        let found = try search(factors, windowBytes: 1)
        #expect(found.result.windows == 10)
        #expect(found.source.counts.withLock { $0.runs } <= 6)
        let clean = try search(ones, windowBytes: 1)
        #expect(clean.result.first == nil)
        #expect(clean.result.comparisons.count == 10)
    }

    @Test("A difference that heals within a window is found")
    func healing() throws {
        var factors = ones
        (factors[2], factors[3]) = (2, 0.5)
        #expect(try search(factors).result.first?.name == "a2")
        // Each value a window of its own, and none later diverges: all are compared.
        #expect(try search(factors, windowBytes: 1).result.first?.name == "a2")
    }

    @Test(arguments: [(0.3, true), (0.2, false)] as [(Double, Bool)])
    func tolerance(tolerance: Double, isClean: Bool) throws {
        var factors = ones
        factors[5] = 1.25
        #expect((try search(factors, tolerance: tolerance).result.first == nil) == isClean)
    }

    @Test func valuesOfOtherNamesAreMatchedByStructure() throws {
        let (graph, other) = (
            try chain(factors: [1, 2, 3]), try chain(factors: [1, 2, 3], prefix: "other")
        )
        let pairs = ValuePairs.matching(graph, other)
        #expect(pairs.map(\.otherName) == ["other0", "other1", "other2"])
        #expect(pairs.allSatisfy { $0.isStructural })
    }

    @Test func recordedValues() throws {
        let graph = try chain(factors: [1, 2, 3])
        let values = RecordedValues(["a1": Tensor.ones, "unknown": Tensor.ones])
        let pairs = ValuePairs.matching(graph, values)
        #expect(pairs.map(\.name) == ["a1"])
        let result = try DivergenceSearch(
            RunningModel(graph, inputs: inputs, threads: 1), values, pairs: pairs
        ).run()
        #expect(result.first?.difference?.maxAbsolute == 1)
        #expect(result.unmatchedInputs == ["a0"])
    }

    @Test func shapesThatDifferAreAProblemAndNothingInCommonAnError() throws {
        let graph = try chain(factors: [1])
        let values = RecordedValues(["a0": Tensor([Float(1)])])
        let result = try DivergenceSearch(
            RunningModel(graph, inputs: inputs, threads: 1), values, pairs: ValuePairs.matching(graph, values)
        ).run()
        #expect(result.first?.problem == "is float[1x8] here and float[1] there")
        #expect(throws: DivergenceError.nothingInCommon) {
            try DivergenceSearch(
                RunningModel(graph, inputs: inputs), RecordedValues([:]), pairs: []
            ).run()
        }
    }
}

@Suite struct EquivalenceTests {
    private func model(_ batch: Dim, factor: Float) throws -> Graph {
        var edit = GraphEdit(Graph(name: "", opsets: OpsetImports(onnx: 17)))
        let x = try edit.addInput("x", type: .tensor(TensorType(.float32, Shape([batch, 4]))))
        let k = try edit.addInitializer("k", Tensor([factor]))
        edit.addOutput(try edit.add("Mul", [x, k], output: "y"))
        return try ShapeInference.infer(try edit.commit())
    }

    @Test("An open batch runs two samples, a fixed one as many as it says")
    func batches() throws {
        let open = try model(.symbol("N"), factor: 2)
        let result = try Equivalence(of: open, and: open, samples: 2)
        #expect(result.batch == 2)
        #expect(result.failure == nil)
        #expect(result.outputs.map(\.relative) == [0])
        #expect(try Equivalence(of: try model(1, factor: 2), and: open, samples: 1).batch == 1)
    }

    @Test func aDifferenceBeyondTheToleranceIsAFailure() throws {
        let (a, b) = (try model(1, factor: 2), try model(1, factor: 2.0001))
        let failure = try #require(try Equivalence(of: a, and: b, samples: 1).failure)
        #expect(failure.name == "y")
        #expect((4.9e-5...5.1e-5).contains(failure.relative))
        #expect(try Equivalence(of: a, and: b, samples: 1, tolerance: 1e-4).failure == nil)
    }

    @Test("A batch that was fixed by mistake is found")
    func frozenBatch() throws {
        let (open, frozen) = (try model(.symbol("N"), factor: 2), try model(1, factor: 2))
        #expect(throws: (any Error).self) { try Equivalence(of: open, and: frozen, samples: 1) }
    }

    /// A convolution over images of open size, flattened into `features` numbers.
    private func network(_ dims: [Dim], features: Int, channels: Int = 3) throws -> Graph {
        var edit = GraphEdit(Graph(name: "", opsets: OpsetImports(onnx: 17)))
        let x = try edit.addInput("x", type: .tensor(TensorType(.float32, Shape(dims))))
        let kernel = [Float](repeating: 0.5, count: channels)
        let w = try edit.addInitializer("w", Tensor(shape: [1, channels, 1, 1], kernel))
        let image = try edit.add("Conv", [x, w], output: "image")
        let shape = try edit.addInitializer("shape", Tensor([-1, Int64(features)]))
        edit.addOutput(try edit.add("Reshape", [image, shape], output: "y"))
        return try ShapeInference.infer(try edit.commit())
    }

    private static let open: [Dim] = [.symbol("N"), 3, .symbol("H"), .symbol("W")]

    @Test(
        "Where more than the batch is open, a size is chosen with which the source runs",
        arguments: [
            (open, 1, [2, 3, 224, 224]), (open, 256 * 256, [2, 3, 256, 256]), (open, 64, [2, 3, 224, 224]),
            ([1, .unknown, .unknown, 5], 7, [1, 3, 224, 5]),
        ] as [([Dim], Int, [Int])])
    func chosenShape(dims: [Dim], features: Int, shape: [Int]) throws {
        let graph = try network(dims, features: features)
        let result = try Equivalence(of: graph, and: graph, samples: 2)
        #expect(result.shapes == ["x": shape] && result.failure == nil)
    }

    @Test func theCallersShapeIsTaken() throws {
        let graph = try network(Self.open, features: 1)
        let shapes = CheckShapes(["x": Shape([.symbol("N"), 3, 6, 4])])
        let result = try Equivalence(of: graph, and: graph, samples: 1, shapes: shapes)
        #expect(result.shapes == ["x": [2, 3, 6, 4]] && result.batch == 2)
        #expect(try Equivalence(of: graph, and: graph, samples: 1).shapes?["x"] != [2, 3, 6, 4])
    }

    @Test func aSizeThatNoneOfTheUsualOnesIsAsksForAShape() throws {
        let graph = try network(Self.open, features: 1_000_003)
        let error = #expect(throws: EquivalenceError.self) {
            try Equivalence(of: graph, and: graph, samples: 1)
        }
        #expect(error?.diagnostic.remedy?.contains("--check-shape") == true)
    }
}

extension Tensor {
    /// One row of eight ones.
    fileprivate static let ones =
        Tensor([Float](repeating: 1, count: 8)).reshaped(to: [1, 8]) ?? Tensor(scalar: Float(1))
}
