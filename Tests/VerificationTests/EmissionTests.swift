import GraphIR
import MixtureOfDepths
import Operators
import Runtime
import TestSupport
import Testing
import Verification

/// All spellings of a MoD block are one network.
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
            try Converted.model(name, router: router, target: .training))
        let verification = try Verifier.verify(source: source, converted: conversion.model)
        for check in verification.checks {
            #expect(check.outcome != .failed, "\(check.kind): \(check.summary)")
        }
        let types = Set(conversion.model.graph.nodes.map(\.operatorType))
        #expect(types.isDisjoint(with: ["GatherND", "Expand", "Pad", "ScatterND"]))
    }

    @Test(
        "Chosen hidden units before an activation of several nodes pass every check",
        arguments: FormExample.targets)
    func hidden(_ target: Target) throws {
        let (source, conversion) = try #require(
            try Converted.model("timm-resnet-silu", target: target, route: .hidden(multiple: 1)))
        #expect(try Verifier.verify(source: source, converted: conversion.model).failure == nil)
    }

    @Test("Hidden units that are chosen pass every check", arguments: trainable, Router.allCases)
    func hidden(_ name: String, _ router: Router) throws {
        guard
            let (source, conversion) = try Converted.model(
                name, router: router, target: .training, route: .hidden(multiple: 1))
        else { return }
        let verification = try Verifier.verify(source: source, converted: conversion.model)
        for check in verification.checks {
            #expect(check.outcome != .failed, "\(check.kind): \(check.summary)")
        }
        #expect(verification.check(.blocks)?.outcome == .passed)
    }

    /// Spellings other than the default, which `FixtureVerificationTests` verifies for all files.
    static let others: [Target] = [.onnxruntime, .literal, .fast]

    @Test("Every spelling passes every check", arguments: names, others)
    func passes(_ name: String, _ target: Target) throws {
        for router in Router.allCases {
            let (source, conversion) = try #require(
                try Converted.model(name, router: router, target: target))
            let verification = try Verifier.verify(
                source: source, converted: conversion.model,
                options: VerificationOptions(inputs: try Fixtures.inputs(name, source).map { [$0] }))
            for check in verification.checks {
                #expect(check.outcome != .failed, "\(router) \(check.kind): \(check.summary)")
            }
            #expect(verification.check(.blocks)?.outcome == .passed)
        }
    }

    @Test("All spellings give the same outputs", arguments: names, ["0.5", "1/16"])
    func equal(_ name: String, _ ratio: String) throws {
        let (source, literal) = try #require(try Converted.model(name, ratio: ratio, target: .literal))
        let graph = literal.model.graph
        let inputs =
            try Fixtures.inputs(name, source)
            ?? SeededInputs.tensors(for: graph, batch: 2, seed: 1, index: 0)
        let expected = try Session(graph).run(inputs)
        for target in [Target.portable, .onnxruntime, .fast] {
            let (_, other) = try #require(try Converted.model(name, ratio: ratio, target: target))
            let found = try Session(other.model.graph).run(inputs)
            #expect(found.map(\.name) == expected.map(\.name))
            for (new, old) in zip(found, expected) {
                let difference = try #require(Difference(new.tensor, from: old.tensor))
                #expect(difference.relative <= (old.tensor.elementType == .float16 ? 1e-2 : 1e-5))
            }
        }
    }

    @Test(
        "All spellings have the same strict multiply-accumulates and parameters, and say which they are",
        arguments: FormExample.targets)
    func cost(_ target: Target) throws {
        let (_, literal) = try #require(try Converted.model("torchvision-opset17", target: .literal))
        let (_, other) = try #require(try Converted.model("torchvision-opset17", target: target))
        let (one, two) = (MACCount(literal.model.graph), MACCount(other.model.graph))
        #expect(one.total(.strict) == two.total(.strict))
        #expect(one.totalParameters == two.totalParameters)
        #expect(Manifest(other.model)?.request?.recipe.target == target)
    }

    @Test(
        "The portable spellings use no operator that a toolchain lacks or reads in its own way",
        arguments: FormExample.all.filter { [.portable, .onnxruntime].contains($0.recipe.target) })
    func portable(_ example: FormExample) throws {
        let network = try example.converted()
        let added = Set(network.graph.nodes.map(\.id)).subtracting(network.network.graph.nodes.map(\.id))
        for node in network.graph.nodes where added.contains(node.id) {
            #expect(
                !["GatherND", "GatherElements", "ScatterND", "ScatterElements"].contains(node.operatorType))
            switch node.operatorType {
            case "TopK": #expect(node.attributes["sorted"] == nil && node.attributes["axis"] == .int(1))
            case "MaxPool", "Conv":
                for name in ["kernel_shape", "strides", "pads"] { #expect(node.attributes[name] != nil) }
            case "Range", "Shape": #expect(example.batch == nil)
            default: break
            }
        }
    }

    @Test(
        "Manifests of version 0.2, which name a spelling, are read",
        arguments: [
            (Optional("train"), Target.training), ("fast", .fast), ("literal", .literal), (nil, .literal),
        ])
    func oldManifest(_ emission: String?, _ target: Target) throws {
        var model = try #require(try Converted.model("torchvision-opset17")).conversion.model
        model.metadata.removeAll { $0.key == "ai.modconvert.target" }
        if let emission {
            model.metadata.append(MetadataEntry(key: "ai.modconvert.emission", value: emission))
        }
        let request = try #require(Manifest(model)?.request)
        #expect(request.recipe.target == target)
        #expect(request.commandWords.suffix(4).contains(target.option.value))
    }

    @Test(
        "A target that this version does not know makes a manifest unreadable", arguments: ["future", "fast"])
    func unknownTarget(_ name: String) throws {
        var model = try #require(try Converted.model("torchvision-opset17")).conversion.model
        model.metadata.removeAll { $0.key == "ai.modconvert.target" }
        model.metadata.append(MetadataEntry(key: "ai.modconvert.target", value: name))
        #expect(Manifest(model) == nil)
    }
}
