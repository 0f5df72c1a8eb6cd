import Conversion
import GraphIR
import MixtureOfDepths
import Operators
import TestSupport
import Testing
import Verification

/// Each check fails on a conversion that is wrong in the way which it is there to find.
@Suite struct TamperedModelTests {
    /// A change to one node of the MoD block `/layer3/layer3.1` or to the graph around it.
    struct Tampering: Sendable, CustomTestStringConvertible {
        let testDescription: String
        /// The check that must fail, and what its summary must say.
        let check: VerificationCheck.Kind
        let finding: String
        let apply: @Sendable (inout GraphEdit) throws -> Void
    }

    static let tamperings = [
        Tampering(testDescription: "an attribute outside of its range", check: .validity, finding: "axis") {
            edit in
            edit.setAttribute(try node(edit, "fusion/Concat"), "axis", .int(9))
        },
        Tampering(testDescription: "another output name", check: .signature, finding: "output") { edit in
            try edit.rename(edit.graph.outputs[0], to: "answer")
        },
        Tampering(testDescription: "another first convolution", check: .prefix, finding: "Conv") { edit in
            let convolution = try #require(edit.graph.nodes.first)
            let weights = try #require(convolution.input(1))
            var values = try #require(edit.graph.constant(weights)?.floats)
            values[0] += 0.5
            let shape = try #require(edit.graph.constant(weights)).shape
            edit.setInitializer(weights, try Tensor(shape: shape, values))
        },
        Tampering(testDescription: "the lowest scores", check: .blocks, finding: "routing differs") { edit in
            edit.setAttribute(try node(edit, "topk/TopK"), "largest", .int(0))
        },
        Tampering(testDescription: "indices out of order", check: .blocks, finding: "not ascending") { edit in
            edit.setAttribute(try node(edit, "sort/TopK"), "largest", .int(1))
        },
        Tampering(testDescription: "scores added, not multiplied", check: .blocks, finding: "values differ") {
            edit in
            edit.setOperator(try node(edit, "gate/Mul"), "Add")
        },
        Tampering(
            testDescription: "a difference in place of the sum", check: .blocks, finding: "values differ"
        ) {
            edit in edit.setOperator(try node(edit, "fusion/Add"), "Sub")
        },
        Tampering(
            testDescription: "other channels than those chosen", check: .blocks, finding: "values differ"
        ) {
            edit in
            let sort = edit.graph[try node(edit, "sort/TopK")]
            let positions = try edit.addNode(
                "Reshape", name: "positions",
                inputs: [sort.outputs[1], edit.graph[try node(edit, "gather/indices/Reshape")].input(1)],
                outputs: ["positions"])
            edit.setInput(try node(edit, "gather/Gather"), 1, edit.graph[positions].outputs[0])
        },
        Tampering(
            testDescription: "other untouched channels", check: .blocks, finding: "not processed but changed"
        ) {
            edit in
            let output = try #require(edit.graph[try node(edit, "fusion/Concat")].outputs[0])
            _ = try edit.interpose("Neg", after: output, innerName: "inner")
        },
        Tampering(testDescription: "samples that see each other", check: .batch, finding: "sample") { edit in
            _ = try edit.interpose(
                "Softmax", after: edit.graph.outputs[0], innerName: "logits", attributes: ["axis": .int(0)])
        },
    ]

    @Test("A wrong conversion fails the check that is there for it", arguments: tamperings)
    func isFound(_ tampering: Tampering) throws {
        let (source, conversion) = try #require(try Converted.model("torchvision-opset17"))
        var edit = GraphEdit(conversion.model.graph)
        try tampering.apply(&edit)
        var tampered = conversion.model
        tampered.graph = try edit.commit()
        let verification = try Verifier.verify(source: source, converted: tampered)
        let failure = try #require(verification.failure, "every check passed")
        #expect(failure.kind == tampering.check)
        #expect(failure.summary.contains(tampering.finding), "\(failure.summary)")
    }

    /// Tamperings with the paired block `/layer3/layer3.1`.
    static let pairedTamperings = [
        Tampering(testDescription: "the lower scores", check: .blocks, finding: "routing differs") { edit in
            edit.setOperator(try node(edit, "router/Less"), "Greater")
        },
        Tampering(
            testDescription: "the scores of other channels", check: .blocks, finding: "routing differs"
        ) { edit in
            let first = try #require(edit.graph[try node(edit, "router/first/Gather")].input(1))
            let second = try #require(edit.graph[try node(edit, "router/second/Gather")].input(1))
            edit.setInput(try node(edit, "router/first/Gather"), 1, second)
            edit.setInput(try node(edit, "router/second/Gather"), 1, first)
        },
        Tampering(testDescription: "the rejected channels", check: .blocks, finding: "values differ") {
            edit in
            let choice = try node(edit, "gather/Where")
            let inputs = edit.graph[choice].inputs
            edit.setInput(choice, 1, try #require(inputs[2]))
            edit.setInput(choice, 2, try #require(inputs[1]))
        },
        Tampering(
            testDescription: "constant channels in another order", check: .blocks, finding: "values differ"
        ) { edit in
            let list = try #require(edit.graph[try node(edit, "gather/constant/Gather")].input(1))
            let channels = try #require(edit.graph.constant(list)?.integers)
            edit.setInitializer(list, Tensor(channels.reversed().map(Int64.init)))
        },
    ]

    /// Checks that verification finds what was done to a form's example.
    private func expectFound(_ tampering: Tampering, in form: String) throws {
        let example = try #require(FormExample.all.first { $0.description == form })
        let finished = try example.converted().unverified()
        var edit = GraphEdit(finished.model.graph)
        try tampering.apply(&edit)
        var tampered = finished.model
        tampered.graph = try edit.commit()
        let verification = try Verifier.verify(
            source: finished.network.network.sourceModel, converted: tampered)
        let failure = try #require(verification.failure, "every check passed")
        #expect(failure.kind == tampering.check)
        #expect(failure.summary.contains(tampering.finding), "\(failure.summary)")
    }

    @Test("A wrong choice between pairs fails check 4", arguments: pairedTamperings)
    func isFoundInPairs(_ tampering: Tampering) throws {
        try expectFound(tampering, in: "paired channels")
    }

    /// Tamperings with the bias of the block `/layer3/layer3.1`.
    static let biasTamperings = [
        Tampering(testDescription: "a bias that is subtracted", check: .blocks, finding: "values differ") {
            edit in edit.setOperator(try node(edit, "bias/Add"), "Sub")
        },
        Tampering(testDescription: "a bias from largest values", check: .blocks, finding: "values differ") {
            edit in edit.setOperator(try node(edit, "bias/GlobalAveragePool"), "GlobalMaxPool")
        },
        Tampering(testDescription: "a bias from another value", check: .blocks, finding: "values differ") {
            edit in
            let same = try #require(edit.graph[try node(edit, "bias/GlobalAveragePool")].input(0))
            let negative = try edit.addNode("Neg", name: "other", inputs: [same], outputs: ["other"])
            edit.setInput(
                try node(edit, "bias/GlobalAveragePool"), 0, try #require(edit.graph[negative].outputs[0]))
        },
        Tampering(testDescription: "features that are cut at zero", check: .blocks, finding: "values differ")
        {
            edit in
            let features = try #require(edit.graph[try node(edit, "bias/down/Conv")].outputs[0])
            let relu = try edit.addNode("Relu", name: "cut", inputs: [features], outputs: ["cut"])
            edit.setInput(try node(edit, "bias/up/Conv"), 0, try #require(edit.graph[relu].outputs[0]))
        },
    ]

    @Test(
        "A wrong bias fails check 4", arguments: ["fixed hidden, bias", "paired channels, bias"],
        biasTamperings)
    func isFoundInBias(_ form: String, _ tampering: Tampering) throws {
        try expectFound(tampering, in: form)
    }

    @Test("A wrong sum with a projection fails check 4", arguments: ["Sub", "Mul"])
    func isFoundInSum(_ operation: String) throws {
        let example = try #require(FormExample.all.first { $0.description == "fixed hidden, all blocks" })
        let finished = try example.converted().unverified()
        var edit = GraphEdit(finished.model.graph)
        let sum = try #require(edit.graph.nodes.first { $0.name == "/layer2/layer2.0/mod/fusion/Add" })
        edit.setOperator(sum.id, operation)
        var tampered = finished.model
        tampered.graph = try edit.commit()
        let verification = try Verifier.verify(
            source: finished.network.network.sourceModel, converted: tampered)
        #expect(verification.failure?.kind == .blocks)
        #expect(verification.failure?.summary.contains("values differ") == true)
    }

    @Test("An agreement below the minimum fails check 6")
    func disagreement() throws {
        let (source, conversion) = try #require(try Converted.model("torchvision-opset17", ratio: "1/8"))
        let options = VerificationOptions(samples: 16, minimumAgreement: 1)
        let verification = try Verifier.verify(
            source: source, converted: conversion.model, options: options)
        #expect(verification.failure?.kind == .drift)
    }

    @Test("A manifest that names missing values is an error, not a pass")
    func brokenManifest() throws {
        let (source, conversion) = try #require(try Converted.model("torchvision-opset17"))
        var edit = GraphEdit(conversion.model.graph)
        let gathered = try #require(edit.graph[try Self.node(edit, "gather/Gather")].outputs[0])
        try edit.rename(gathered, to: "elsewhere")
        var tampered = conversion.model
        tampered.graph = try edit.commit()
        #expect(throws: VerificationError.self) {
            try Verifier.verify(source: source, converted: tampered)
        }
    }

    private static func node(_ edit: GraphEdit, _ path: String) throws -> NodeID {
        try #require(edit.graph.nodes.first { $0.name == "/layer3/layer3.1/mod/\(path)" }).id
    }
}
