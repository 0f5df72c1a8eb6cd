import Conversion
import GraphIR
import MixtureOfDepths
import Operators
import Passes
import Report
import Runtime
import TestSupport
import Testing
import Verification

/// The properties of every form of block, tested on one example of each.
@Suite struct EveryFormTests {
    @Test("Every form is written as its definition says", arguments: FormExample.all)
    func isVerified(_ example: FormExample) throws {
        let verified = try example.converted().verified()
        #expect(verified.verification.checks.map(\.kind.rawValue) == Array(1...6))
        #expect(verified.verification.check(.blocks)?.outcome == .passed)
        #expect(verified.verification.check(.batch)?.outcome == .passed)
        #expect(verified.verification.check(.drift)?.outcome == .measured)
    }

    @Test(
        "Every fitted form in integers is what its definition says, and its layers compute in integers",
        arguments: FormExample.calibrated.filter { $0.batch == nil && $0.recipe.target == .standard })
    func isQuantized(_ example: FormExample) throws {
        let request = QuantizationRequest(images: CalibrationData(samples: 8), rounding: .nearest)
        let network = try example.converted()
            .quantized(request, CalibrationSettings(threads: 1)).verified()
        let verification = network.verification
        #expect(verification.check(.blocks)?.outcome == .passed)
        #expect(verification.check(.batch)?.outcome == .passed)
        #expect(verification.check(.integers)?.outcome == .passed)
        #expect(Manifest(network.model)?.blocks == network.network.blocks)
        #expect(QuantizationRecord(network.model)?.request == request)
        let count = MACCount(network.model.graph)
        // In float: weights that are gathered for each image, selectors, biases for each image.
        #expect(
            count.totalIntegerMACs * 100 >= count.total(.strict) * 80,
            "\(count.totalIntegerMACs) of \(count.total(.strict))")
    }

    @Test("A file's manifest gives back the request and the blocks", arguments: FormExample.all)
    func manifest(_ example: FormExample) throws {
        let network = try example.converted()
        let manifest = try #require(network.manifest)
        #expect(manifest.request == network.plan.request)
        #expect(manifest.blocks == network.blocks)
        #expect(!manifest.blocks.isEmpty)
        for (block, planned) in zip(manifest.blocks, network.plan.conversions) {
            #expect(block.form.name == planned.block.form.name)
            #expect(block.choices.count == block.form.choices.count)
        }
    }

    @Test("Blocks that choose channels are found by their structure alone", arguments: FormExample.all)
    func isRecognised(_ example: FormExample) throws {
        let network = try example.converted()
        let found = try MoDRecogniser.blocks(in: Pipeline.canonical().run(network.graph))
        // Without manifest, blocks of fewer units look like standard ones, and gathered units are not looked
        // for.
        let expected = network.blocks.filter { block in
            switch block.form {
            case .routedPaper, .fixedPaper, .pairedChannels: true
            case .gatedHidden(let form): form.computation == .dense
            case .fixedHidden, .routedHidden, .fixedChannels, .routedChannels, .dropped: false
            }
        }
        #expect(found.map(\.form) == expected.map(\.form))
        #expect(found.map(\.values.output) == expected.map(\.values.output))
    }

    @Test(
        "Channels are chosen around an activation of several nodes",
        arguments: FormExample.calibrated.filter {
            ["paired channels", "paired channels, bias", "routed channels", "fixed channels"].contains(
                $0.description)
        })
    func silu(_ example: FormExample) throws {
        let network = try example.converted("timm-resnet-silu")
        #expect(network.blocks.count == 4)
        #expect(try network.verified().verification.check(.blocks)?.outcome == .passed)
        let found = try MoDRecogniser.blocks(in: Pipeline.canonical().run(network.graph))
        let isFound = network.blocks.allSatisfy { $0.form.name == "paired channels" }
        #expect(found.map(\.form) == (isFound ? network.blocks.map(\.form) : []))
    }

    @Test(
        "The ledger, the block tables, the page and the sentences say what a block is",
        arguments: FormExample.all)
    func isTold(_ example: FormExample) throws {
        let network = try example.converted()
        let payloads = network.blocks.map(\.form.payload)
        let ledger = LedgerReport(network, ConversionReport.Counts(network)).text.unwrapped
        for planned in network.plan.conversions { #expect(ledger.contains(planned.block.form.text)) }

        let finished = network.unverified()
        let graph = try Pipeline.canonical().run(network.graph)
        let blocks = NetworkBlock.all(in: graph, manifest: network.manifest)
        let model = ModelReport(
            finished.model, file: "f", graph: graph, count: MACCount(graph), blocks: blocks
        ).text.unwrapped
        // A dropped block leaves no node, but its values.
        for payload in payloads {
            #expect(model.contains(payload.summary), "\(model)")
            #expect(model.contains(payload.remark))
            #expect(
                payload.form.isRouted || !payload.remark.contains("selector ")
                    || payload.remark.contains("no "))
        }
        let report = ConversionReport(
            finished, source: "s", output: "o", recipeReason: "asked",
            ledger: LedgerReport(network, .init(network)),
            .init(network))
        let costs = BlockCosts(
            source: network.network.canonical, converted: network.graph, manifest: network.manifest)
        let page = ConversionPage(report, costs: costs, command: ["modconvert"]).html
        let isRouted = payloads.contains { $0.form.isRouted }
        #expect(page.contains("for each image") == isRouted)

        let explanation = ExplanationReport(
            network.manifest, nil, model: finished.model, file: "f", command: nil,
            sourceMatches: nil
        ).text
        #expect(explanation.contains(network.blocks[0].scope))
    }

    @Test(
        "A sum with the first channels stays in the engine's layout, however it is spelled",
        arguments: FormExample.all)
    func takesTheFastPath(_ example: FormExample) throws {
        let network = try example.converted()
        guard network.blocks.contains(where: { $0.form.fused > 0 && $0.form.fused < $0.form.channels }) else {
            return
        }
        let inputs = try SeededInputs.tensors(for: network.graph, batch: 1, seed: 0, index: 0)
        let session = try Session(network.graph)
        let kernels = try session.profile(inputs, runs: 1).steps.map(\.kernel)
        #expect(!kernels.contains { $0.contains("concat") || $0.contains("join") }, "\(kernels)")
    }
}
