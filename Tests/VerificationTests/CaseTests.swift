import GraphIR
import MixtureOfDepths
import ONNXFormat
import Operators
import Passes
import TestSupport
import Testing
import Verification

/// Small models that once stopped a conversion; fixtures/cases/README.md says of each what it shows.
enum Case {
    static func model(_ name: String) throws -> Model {
        try ONNXFile.read(path: Repository.path("fixtures/cases/\(name).onnx"))
    }

    /// The conversion of a source by the paper's recipe.
    static func convert(
        _ source: Model, router: Router = .topk, target: Target = .standard,
        route: PaperRecipe.Route = .channels
    ) throws -> Converter.Conversion {
        var model = source
        model.graph = try Pipeline.canonical().run(source.graph, validating: true)
        let recipe = PaperRecipe(
            ratio: try #require(ModRatio("0.5")), route: route, router: router, target: target)
        let plan = try Planner.plan(
            model.graph, ConversionRequest(.paper(recipe, on: .alternate), seed: 7))
        #expect(!plan.conversions.isEmpty)
        return try Converter.apply(plan, to: model, sourceSHA256: nil)
    }

    /// The outcomes of the checks, in order.
    static func outcomes(_ verification: Verification) -> [VerificationCheck.Outcome] {
        verification.checks.map(\.outcome)
    }
}

@Suite struct CaseTests {
    /// The batches that a source may be exported with.
    static let batches: [Dim] = [1, 4, .symbol("N")]

    @Test("Every opset and batch passes check 5", arguments: EarlyOpset.allCases, batches)
    func passes(_ fixture: EarlyOpset, _ batch: Dim) throws {
        var source = try #require(try Converted.model(fixture.name)).source
        source.graph = try source.graph.settingBatch(batch)
        for target in FormExample.targets {
            let conversion = try Case.convert(source, target: target)
            let verification = try Verifier.verify(source: source, converted: conversion.model)
            #expect(Case.outcomes(verification) == [.passed, .passed, .passed, .passed, .passed, .measured])
            #expect(verification.boundary == nil)
        }
    }

    /// Fixtures whose opset has no GatherND with batch dimensions, and the first two that have.
    enum EarlyOpset: Int, CaseIterable, Sendable {
        case seven = 7
        case eight, nine, ten, eleven, twelve
        case fourteen = 14

        var name: String { "torchvision-opset\(rawValue)" }
    }

    @Test("A fixed batch of opset 11 is checked on a copy for three samples")
    func fixedBatch() throws {
        let source = try Case.model("static_batch_opset11")
        let conversion = try Case.convert(source)
        #expect(conversion.model.graph.opsets.onnx == 11)
        let verification = try Verifier.verify(source: source, converted: conversion.model)
        #expect(Case.outcomes(verification) == [.passed, .passed, .passed, .passed, .passed, .measured])
        #expect(verification.check(.batch)?.summary.hasPrefix("3 samples together and alone") == true)
    }

    @Test("Chosen units whose gates round to 0 are chosen all the same")
    func closedGates() throws {
        let source = try Case.model("static_batch_opset11")
        let conversion = try Case.convert(source, target: .training, route: .hidden(multiple: 1))
        var edit = GraphEdit(conversion.model.graph)
        for weights in edit.graph.initializers {
            guard let shape = weights.initializer?.shape, weights.name.contains("/mod/selector/") else {
                continue
            }
            // Pooled activations are not negative: every score becomes the sigmoid of a large negative number.
            let value: Float? =
                weights.name.hasSuffix("fc1/weight") ? 1 : weights.name.hasSuffix("fc2/weight") ? -1e6 : nil
            guard let value else { continue }
            let count = shape.reduce(1, *)
            edit.setInitializer(weights.id, try Tensor(shape: shape, [Float](repeating: value, count: count)))
        }
        var model = conversion.model
        model.graph = try edit.commit()
        let verification = try Verifier.verify(source: source, converted: model)
        let check = try #require(verification.check(.blocks))
        #expect(check.outcome == .passed, "\(check.summary)")
    }

    @Test("Samples that see each other are found behind a fixed batch")
    func mixedSamples() throws {
        let source = try Case.model("static_batch_opset11")
        var model = try Case.convert(source).model
        var edit = GraphEdit(model.graph)
        _ = try edit.interpose(
            "Softmax", after: edit.graph.outputs[0], innerName: "logits", attributes: ["axis": .int(0)])
        model.graph = try edit.commit()
        #expect(try Verifier.verify(source: source, converted: model).failure?.kind == .batch)
    }

    @Test("A head that fixes the batch is left out of check 5, and named")
    func fixedHead() throws {
        let source = try Case.model("check5_reshape1c_batchN")
        let verification = try Verifier.verify(source: source, converted: try Case.convert(source).model)
        #expect(Case.outcomes(verification) == [.passed, .passed, .passed, .passed, .inPart, .measured])
        #expect(verification.check(.batch)?.summary.contains("/Reshape_62") == true)
        #expect(verification.boundary == nil)
    }

    @Test("An output that mixes samples is left out only if the source's does")
    func mixingHead() throws {
        var source = try Case.model("static_batch_opset11")
        var edit = GraphEdit(source.graph)
        _ = try edit.interpose(
            "Softmax", after: edit.graph.outputs[0], innerName: "logits", attributes: ["axis": .int(0)])
        source.graph = try edit.commit()
        let verification = try Verifier.verify(source: source, converted: try Case.convert(source).model)
        #expect(verification.failure == nil)
        #expect(verification.check(.batch)?.outcome == .inPart)
    }

    @Test(
        "What lies before a node without a kernel is checked; what needs it is not",
        arguments: Router.allCases)
    func unknownHead(_ router: Router) throws {
        let source = try unknownHead()
        let verification = try Verifier.verify(
            source: source, converted: try Case.convert(source, router: router).model)
        #expect(
            Case.outcomes(verification)
                == [.passed, .passed, .passed, .passed, .inPart, .notApplicable])
        #expect(verification.boundary?.text == "node \"/NonZero_62\" (Unheard): no kernel")
        #expect(verification.passed)
        let strict = try Verifier.verify(
            source: source, converted: try Case.convert(source, router: router).model,
            options: VerificationOptions(minimumAgreement: 0.5))
        #expect(strict.failure?.kind == .drift)
    }

    @Test("A wrong block before a node without a kernel is found")
    func wrongBlockBeforeUnknownHead() throws {
        let source = try unknownHead()
        var model = try Case.convert(source).model
        var edit = GraphEdit(model.graph)
        let top = try #require(edit.graph.nodes.first { $0.name.hasSuffix("/mod/topk/TopK") })
        edit.setAttribute(top.id, "largest", .int(0))
        model.graph = try edit.commit()
        #expect(try Verifier.verify(source: source, converted: model).failure?.kind == .blocks)
    }

    @Test("Of several outputs, those that can be computed are compared")
    func severalOutputs() throws {
        var source = try unknownHead()
        var edit = GraphEdit(source.graph)
        edit.addOutput(try #require(edit.graph.value(named: "flatten61")).id)
        source.graph = try ShapeInference.infer(try edit.commit())
        let verification = try Verifier.verify(source: source, converted: try Case.convert(source).model)
        #expect(
            Case.outcomes(verification) == [.passed, .passed, .passed, .passed, .inPart, .measured])
        #expect(verification.check(.drift)?.summary.contains("1 of 2 outputs") == true)
    }

    @Test("A MoD block behind a node without a kernel is not counted as checked")
    func unknownNodeBetweenBlocks() throws {
        var source = try Case.model("head_not_runnable")
        var edit = GraphEdit(source.graph)
        // The first of three blocks of one stage ends in an operator that nobody knows.
        let relu = try #require(edit.graph.nodes.first { $0.name == "/Relu_25" })
        edit.setOperator(relu.id, "Unheard")
        source.graph = try edit.commit()
        let conversion = try Case.convert(source)
        let verification = try Verifier.verify(source: source, converted: conversion.model)
        #expect(verification.passed)
        #expect(verification.check(.prefix)?.outcome == .inPart)
        #expect(verification.check(.blocks)?.outcome == .notApplicable)
        #expect(verification.check(.batch)?.outcome == .notApplicable)
        #expect(verification.boundary?.node == "node \"/Relu_25\" (Unheard)")
    }

    /// `head_not_runnable` with a last operator that no version of ONNX has.
    private func unknownHead() throws -> Model {
        var source = try Case.model("head_not_runnable")
        var edit = GraphEdit(source.graph)
        let last = try #require(edit.graph.nodes.last)
        edit.setOperator(last.id, "Unheard")
        source.graph = try edit.commit()
        return source
    }
}

extension Graph {
    /// The graph with another batch of its inputs and outputs, its types inferred anew.
    func settingBatch(_ batch: Dim) throws -> Graph {
        var edit = GraphEdit(self)
        for value in values where value.initializer == nil {
            guard let type = value.tensorType, var shape = type.shape, requiredInputs.contains(value.id)
            else {
                edit.setType(value.id, nil)
                if value.isGraphOutput { edit.setDeclaredType(value.id, nil) }
                continue
            }
            shape[0] = batch
            edit.setType(value.id, .tensor(TensorType(type.elementType, shape)))
            edit.setDeclaredType(value.id, .tensor(TensorType(type.elementType, shape)))
        }
        return try ShapeInference.infer(edit.commit())
    }
}
