import GraphIR
import MixtureOfDepths
import Operators
import Runtime
import TestSupport
import Testing
import Verification

/// The two spellings of a MoD block are one network.
@Suite struct EmissionTests {
    /// Opsets 7 to 23, symbolic and fixed batches, open heights and widths, half precision, channels last in
    /// the source, every kind of block.
    static let names = [
        "torchvision-opset7", "torchvision-opset9", "torchvision-opset11", "torchvision-opset17",
        "torchvision-batch4", "torchvision-resnet18-bn", "dynamo-basic-opset23", "fp16-bottleneck",
        "keras3-resnet50v2", "mxnet-v2-basic", "torchvision-resnext", "caffe2-bottleneck",
    ].filter(Converted.names.contains)

    @Test func fixturesAreFound() { #expect(EmissionTests.names.count == 12) }

    /// Those whose heights and widths are known.
    static let trainable = names.filter { $0 != "keras3-resnet50v2" }

    @Test("The spelling for training passes every check", arguments: trainable, Router.allCases)
    func trains(_ name: String, _ router: Router) throws {
        let (source, conversion) = try #require(
            try Converted.model(name, router: router, emission: .train))
        let verification = try Verifier.verify(source: source, converted: conversion.model)
        for check in verification.checks {
            #expect(check.outcome != .failed, "\(check.kind): \(check.summary)")
        }
        let types = Set(conversion.model.graph.nodes.map(\.operatorType))
        #expect(types.isDisjoint(with: ["GatherND", "Expand", "Pad", "ScatterND"]))
    }

    @Test("Hidden units that are chosen pass every check", arguments: trainable, Router.allCases)
    func hidden(_ name: String, _ router: Router) throws {
        guard
            let (source, conversion) = try Converted.model(
                name, router: router, emission: .train, route: .hidden(multiple: 1))
        else { return }
        let verification = try Verifier.verify(source: source, converted: conversion.model)
        for check in verification.checks {
            #expect(check.outcome != .failed, "\(check.kind): \(check.summary)")
        }
        #expect(verification.check(.blocks)?.outcome == .passed)
    }

    @Test("The fast spelling passes every check", arguments: names, Router.allCases)
    func passes(_ name: String, _ router: Router) throws {
        let (source, conversion) = try #require(
            try Converted.model(name, router: router, emission: .fast))
        let verification = try Verifier.verify(
            source: source, converted: conversion.model,
            options: VerificationOptions(inputs: try Fixtures.inputs(name, source).map { [$0] }))
        for check in verification.checks {
            #expect(check.outcome != .failed, "\(check.kind): \(check.summary)")
        }
        #expect(verification.check(.blocks)?.outcome == .passed)
    }

    @Test("Both spellings give the same outputs", arguments: names, ["0.5", "1/16"])
    func equal(_ name: String, _ ratio: String) throws {
        let (source, literal) = try #require(try Converted.model(name, ratio: ratio))
        let (_, fast) = try #require(try Converted.model(name, ratio: ratio, emission: .fast))
        let graph = literal.model.graph
        let inputs =
            try Fixtures.inputs(name, source)
            ?? SeededInputs.tensors(for: graph, batch: 2, seed: 1, index: 0)
        let expected = try Session(graph).run(inputs)
        let found = try Session(fast.model.graph).run(inputs)
        #expect(found.map(\.name) == expected.map(\.name))
        for (new, old) in zip(found, expected) {
            let difference = try #require(Difference(new.tensor, from: old.tensor))
            #expect(difference.relative <= (old.tensor.elementType == .float16 ? 1e-2 : 1e-5))
        }
    }

    @Test("Both spellings have the same strict multiply-accumulates and parameters, and say which they are")
    func cost() throws {
        let (_, literal) = try #require(try Converted.model("torchvision-opset17"))
        let (_, fast) = try #require(try Converted.model("torchvision-opset17", emission: .fast))
        let (one, other) = (MACCount(literal.model.graph), MACCount(fast.model.graph))
        #expect(one.total(.strict) == other.total(.strict))
        #expect(one.totalParameters == other.totalParameters)
        #expect(Manifest(literal.model)?.request?.recipe.emission == .literal)
        #expect(Manifest(fast.model)?.request?.recipe.emission == .fast)
    }
}
