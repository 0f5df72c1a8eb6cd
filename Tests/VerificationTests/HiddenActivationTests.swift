import GraphIR
import MixtureOfDepths
import Operators
import Testing
import Verification

/// Hidden units are chosen in networks of every activation that recognition knows.
@Suite struct HiddenActivationTests {
    /// How an exporter writes an activation of x.
    struct Activation: Sendable, CustomTestStringConvertible {
        let testDescription: String
        /// The nodes for one value of that many channels.
        let write: @Sendable (inout GraphEdit, ValueID, Int) throws -> ValueID
    }

    /// One node without further inputs.
    private static func node(_ type: String, _ attributes: Attributes = [:]) -> Activation {
        Activation(testDescription: type) { edit, x, _ in
            try edit.add(type, [x], output: edit.uniqueName(type), attributes: attributes)
        }
    }

    /// x times a function of x.
    private static func product(_ type: String) -> Activation {
        Activation(testDescription: "x \(type)(x)") { edit, x, _ in
            let gate = try edit.add(type, [x], output: edit.uniqueName(type))
            return try edit.add("Mul", [x, gate], output: edit.uniqueName("product"))
        }
    }

    static let activations = [
        node("Relu"), node("LeakyRelu", ["alpha": .float(0.1)]), node("Elu"), node("Selu"), node("Softplus"),
        node("Tanh"), node("Sigmoid"), node("HardSigmoid"), node("HardSwish"),
        product("Sigmoid"), product("HardSigmoid"), product("Tanh"),
        Activation(testDescription: "Relu6") { edit, x, _ in
            let bounds = try [Float(0), 6].map {
                try edit.addInitializer(edit.uniqueName("bound"), Tensor(scalar: $0))
            }
            return try edit.add("Clip", [x] + bounds, output: edit.uniqueName("relu6"))
        },
        Activation(testDescription: "PRelu per channel") { edit, x, channels in
            let slopes = try Tensor(
                shape: [channels, 1, 1], (0..<channels).map { 0.1 + 0.02 * Float($0) })
            let slope = try edit.addInitializer(edit.uniqueName("slope"), slopes)
            return try edit.add("PRelu", [x, slope], output: edit.uniqueName("prelu"))
        },
        Activation(testDescription: "GELU by Erf") { edit, x, _ in
            let (root, one, half) = (
                try edit.addInitializer(edit.uniqueName("root"), Tensor(scalar: Float(2).squareRoot())),
                try edit.addInitializer(edit.uniqueName("one"), Tensor(scalar: Float(1))),
                try edit.addInitializer(edit.uniqueName("half"), Tensor(scalar: Float(0.5)))
            )
            let scaled = try edit.add("Div", [x, root], output: edit.uniqueName("scaled"))
            let error = try edit.add("Erf", [scaled], output: edit.uniqueName("erf"))
            let sum = try edit.add("Add", [error, one], output: edit.uniqueName("sum"))
            let product = try edit.add("Mul", [x, sum], output: edit.uniqueName("product"))
            return try edit.add("Mul", [product, half], output: edit.uniqueName("gelu"))
        },
        Activation(testDescription: "GELU by Tanh") { edit, x, _ in
            func scalar(_ value: Float, _ edit: inout GraphEdit) throws -> ValueID {
                try edit.addInitializer(edit.uniqueName("factor"), Tensor(scalar: value))
            }
            let factors = (try scalar(0.044715, &edit), try scalar(0.797885, &edit))
            let (one, half) = (try scalar(1, &edit), try scalar(0.5, &edit))
            let square = try edit.add("Mul", [x, x], output: edit.uniqueName("square"))
            let cube = try edit.add("Mul", [square, x], output: edit.uniqueName("cube"))
            let small = try edit.add("Mul", [cube, factors.0], output: edit.uniqueName("small"))
            let inner = try edit.add("Add", [x, small], output: edit.uniqueName("inner"))
            let scaled = try edit.add("Mul", [inner, factors.1], output: edit.uniqueName("scaled"))
            let tanh = try edit.add("Tanh", [scaled], output: edit.uniqueName("tanh"))
            let sum = try edit.add("Add", [tanh, one], output: edit.uniqueName("sum"))
            let product = try edit.add("Mul", [x, sum], output: edit.uniqueName("product"))
            return try edit.add("Mul", [product, half], output: edit.uniqueName("gelu"))
        },
    ]

    @Test("Chosen hidden units pass every check", arguments: activations)
    func passes(_ activation: Activation) throws {
        try Self.verify(try Self.network(activation), .topk, .portable)
    }

    @Test(
        "An activation of several nodes passes with every router and spelling", arguments: Router.allCases,
        [Target.portable, .training])
    func passes(_ router: Router, _ target: Target) throws {
        try Self.verify(try Case.model("route_hidden_silu"), router, target)
    }

    private static func verify(_ source: Model, _ router: Router, _ target: Target) throws {
        let conversion = try Case.convert(
            source, router: router, target: target, route: .hidden(multiple: 1))
        let verification = try Verifier.verify(source: source, converted: conversion.model)
        for check in verification.checks where check.kind != .drift {
            #expect(check.outcome == .passed, "\(check.kind): \(check.summary)")
        }
    }

    @Test("Another function after the sum is a difference", arguments: Router.allCases)
    func tampered(_ router: Router) throws {
        let source = try Case.model("route_hidden_silu")
        var model = try Case.convert(source, router: router, route: .hidden(multiple: 1)).model
        let block = try #require(Manifest(model)?.blocks.first)
        var edit = GraphEdit(model.graph)
        let output = try #require(edit.graph.value(named: block.values.output)?.id)
        _ = try edit.interpose("Neg", after: output, innerName: "inner")
        model.graph = try edit.commit()
        #expect(try Verifier.verify(source: source, converted: model).failure?.kind == .blocks)
    }

    /// `route_hidden_silu` with another activation in the place of each SiLU.
    private static func network(_ activation: Activation) throws -> Model {
        var source = try Case.model("route_hidden_silu")
        var edit = GraphEdit(source.graph)
        for product in edit.graph.nodes where product.isOperator("Mul") {
            let old = try #require(product.output(0))
            let sigmoid = try #require(product.input(1).flatMap { edit.graph.producer(of: $0) })
            let x = try #require(product.input(0))
            let channels = try #require(edit.graph[x].shape?.dims[1].value)
            try edit.replaceUses(of: old, with: try activation.write(&edit, x, channels))
            try edit.removeNode(product.id)
            try edit.removeNode(sigmoid.id)
        }
        source.graph = try ShapeInference.infer(try edit.commit())
        return source
    }
}
