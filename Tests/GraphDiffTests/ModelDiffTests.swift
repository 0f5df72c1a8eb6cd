import GraphIR
import Operators
import Testing

@testable import GraphDiff

/// Networks of a convolution, a normalisation and activations, whose names start with a prefix.
private struct Network {
    var edit = GraphEdit(Graph(name: "network", opsets: OpsetImports(onnx: 17)))
    let prefix: String
    var last: ValueID

    init(prefix: String = "", input: String = "x") throws {
        self.prefix = prefix
        last = try edit.addInput(input, type: .tensor(TensorType(.float32, [1, 2, 4, 4])))
    }

    mutating func add(
        _ type: String, _ name: String, constants: [Tensor] = [], attributes: Attributes = [:]
    ) throws {
        let parameters = try constants.enumerated().map {
            try edit.addInitializer("\(prefix)\(name).\($0.offset)", $0.element)
        }
        last = try edit.add(type, [last] + parameters, output: prefix + name, attributes: attributes)
    }

    func model(output: String? = nil) throws -> Model {
        var edit = edit
        if let output { try edit.rename(last, to: output) }
        edit.addOutput(last)
        return Model(irVersion: 8, graph: try ShapeInference.infer(try edit.commit()))
    }

    static func weights(_ scale: Float = 1, filters: Int = 2) throws -> Tensor {
        try Tensor(shape: [filters, 2, 1, 1], (0..<(2 * filters)).map { scale * Float($0 + 1) })
    }
}

@Suite struct ModelDiffTests {
    private func chain(
        prefix: String = "", input: String = "x", weights: Float = 1, second: Float = 2,
        activation: String = "Relu", attributes: Attributes = [:], extra: String? = nil
    ) throws -> Model {
        var network = try Network(prefix: prefix, input: input)
        try network.add("Conv", "a", constants: [try Network.weights(weights)], attributes: attributes)
        try network.add(activation, "b")
        if let extra { try network.add(extra, "extra") }
        try network.add("Conv", "c", constants: [try Network.weights(second)])
        try network.add("Relu", "d")
        return try network.model(output: "y")
    }

    @Test func aModelIsTheSameAsItself() throws {
        let diff = ModelDiff(try chain(), try chain())
        #expect(diff.isEmpty)
        #expect(diff.matchedByName == 4)
        #expect(diff.renamed.isEmpty)
    }

    @Test(
        "Other names of inner values are no difference, whichever weights there are",
        arguments: [1, 3] as [Float])
    func renamed(weights: Float) throws {
        let diff = ModelDiff(try chain(), try chain(prefix: "other_", weights: weights))
        #expect(diff.removed.isEmpty)
        #expect(diff.added.isEmpty)
        #expect(diff.matchedByStructure == 3)
        #expect(diff.renamed.map(\.right) == ["other_a", "other_b", "other_c"])
        #expect(diff.changed.map(\.left.name) == (weights == 1 ? [] : ["a"]))
    }

    @Test func renamedInputsAreADifferenceOfTheInterface() throws {
        let diff = ModelDiff(try chain(), try chain(input: "image"))
        #expect(diff.interface.map(\.part) == ["input \"x\"", "input \"image\""])
        #expect(diff.changed.isEmpty && diff.removed.isEmpty && diff.added.isEmpty)
    }

    @Test("Weights count beyond the tolerance", arguments: [(0, false), (0.6, true)] as [(Double, Bool)])
    func tolerance(tolerance: Double, isSame: Bool) throws {
        let diff = ModelDiff(try chain(weights: 1), try chain(weights: 1.5), tolerance: tolerance)
        #expect(diff.isEmpty == isSame)
        guard !isSame else { return }
        let change = try #require(diff.changed.first?.changes.first)
        guard case .constant(let position, let constant) = change else {
            Issue.record("\(change)")
            return
        }
        #expect(position == 1)
        #expect(constant.maxAbsolute == 2)
        #expect(constant.relative == 0.5)
        #expect(constant.differing == 4)
    }

    @Test("A pair that takes over a value's name is added; the node that computed the value stays matched")
    func pairs() throws {
        let source = try chain()
        var edit = GraphEdit(source.graph)
        let value = try #require(source.graph.value(named: "b")).id
        let parameters = [
            try edit.addInitializer("scale", Tensor(scalar: Float(0.1))),
            try edit.addInitializer("zero", Tensor(scalar: UInt8(0))),
        ]
        let bytes = try edit.interpose(
            "DequantizeLinear", after: value, innerName: "b/bytes", parameters: parameters)
        try edit.interpose("QuantizeLinear", after: bytes, innerName: "b/float", parameters: parameters)
        var quantized = source
        quantized.graph = try ShapeInference.infer(try edit.commit())
        let diff = ModelDiff(source, quantized)
        #expect(diff.removed.isEmpty)
        // The reader of b reads another value.
        #expect(diff.changed.map(\.left.name) == ["c"])
        #expect(diff.changed.map(\.right.operatorType) == ["Conv"])
        #expect(diff.added.map(\.operatorType).sorted() == ["DequantizeLinear", "QuantizeLinear"])
    }

    @Test func attributesAndOperators() throws {
        let diff = ModelDiff(
            try chain(attributes: ["group": .int(1)]), try chain(activation: "LeakyRelu"))
        #expect(diff.changed.map(\.left.name) == ["a", "b"])
        #expect(diff.changed.first?.changes == [.attribute("group", left: "1", right: nil)])
        #expect(diff.changed.last?.changes == [.operatorType(left: "Relu", right: "LeakyRelu")])
    }

    @Test("A node in between is added, its reader reads another value", arguments: ["", "other_"])
    func inserted(prefix: String) throws {
        let diff = ModelDiff(try chain(), try chain(prefix: prefix, extra: "Exp"))
        #expect(diff.added.map(\.operatorType) == ["Exp"])
        #expect(diff.removed.isEmpty)
        #expect(diff.changed.count == 1)
        #expect(
            diff.changed.first?.changes == [.input(0, left: "b", right: "\(prefix)extra")])
    }

    @Test("A folded normalisation is removed, the convolution before it changed", arguments: [false, true])
    func foldedNormalisation(hasBias: Bool) throws {
        var before = try Network()
        let vector = Tensor([Float(1), 2])
        try before.add("Conv", "c", constants: [try Network.weights()])
        try before.add("BatchNormalization", "n", constants: [vector, vector, vector, vector])
        try before.add("Relu", "r")
        var after = try Network()
        try after.add("Conv", "n", constants: [try Network.weights(3)] + (hasBias ? [vector] : []))
        try after.add("Relu", "r")
        let diff = ModelDiff(try before.model(output: "y"), try after.model(output: "y"))
        #expect(diff.removed.map(\.name) == ["n"])
        #expect(diff.added.isEmpty)
        #expect(diff.changed.map(\.left.name) == ["c"])
        let changes = try #require(diff.changed.first?.changes)
        #expect(changes.map(\.kind) == (hasBias ? ["constant"] : []) + ["constant", "output"])
        #expect(changes.last == .output(0, left: "c", right: "n"))
    }

    @Test func constantNodesAndInitializersAreTheSame() throws {
        func model(asNode: Bool) throws -> Model {
            var edit = GraphEdit(Graph(name: "", opsets: OpsetImports(onnx: 17)))
            let x = try edit.addInput("x", type: .tensor(TensorType(.float32, [2])))
            let value = Tensor([Float(1), 2])
            let k =
                asNode
                ? try edit.add("Constant", [], output: "k", attributes: ["value": .tensor(value)])
                : try edit.addInitializer("k", value)
            edit.addOutput(try edit.add("Mul", [x, k], output: "y"))
            return Model(irVersion: 8, graph: try ShapeInference.infer(try edit.commit()))
        }
        let diff = ModelDiff(try model(asNode: true), try model(asNode: false))
        #expect(diff.isEmpty)
        #expect(diff.leftNodes == 1)
    }

    @Test func opsetsAndTypesOfOutputs() throws {
        var right = try chain()
        var edit = GraphEdit(right.graph)
        edit.setOpset("", 18)
        right.graph = try edit.commit()
        let diff = ModelDiff(try chain(), right)
        #expect(diff.interface == [.init(part: "opset ai.onnx", left: "17", right: "18")])
        var network = try Network()
        try network.add("Conv", "y", constants: [try Network.weights(filters: 3)])
        var other = try Network()
        try other.add("Conv", "y", constants: [try Network.weights(filters: 2)])
        let types = ModelDiff(try network.model(), try other.model())
        #expect(types.interface.map(\.part) == ["output \"y\""])
        #expect(types.changed.first?.changes.map(\.kind) == ["constant", "type"])
    }

    @Test("Equal branches are matched in order, none twice")
    func equalBranches() throws {
        func model(_ prefix: String, branches: Int) throws -> Model {
            var edit = GraphEdit(Graph(name: "", opsets: OpsetImports(onnx: 17)))
            let x = try edit.addInput("x", type: .tensor(TensorType(.float32, [2])))
            for index in 0..<branches {
                let relu = try edit.add("Relu", [x], output: "\(prefix)relu\(index)")
                edit.addOutput(try edit.add("Exp", [relu], output: "\(prefix)exp\(index)"))
            }
            return Model(irVersion: 8, graph: try ShapeInference.infer(try edit.commit()))
        }
        let diff = ModelDiff(try model("a", branches: 3), try model("b", branches: 2))
        #expect(diff.matchedByStructure == 4)
        #expect(diff.removed.map(\.operatorType) == ["Relu", "Exp"])
    }
}
