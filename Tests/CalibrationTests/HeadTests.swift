import GraphIR
import MixtureOfDepths
import ONNXFormat
import Passes
import TestSupport
import Testing
import Verification

@testable import Calibration

/// Heads that are no chain of layers that can be run. fixtures/cases/README.md says of each what it shows.
@Suite struct HeadTests {
    struct Head: Sendable, CustomTestStringConvertible {
        let name: String
        /// The operator of the first node that cannot be run.
        var boundary: String?
        /// Whether calibration can compare an output of the network.
        var isCompared = false

        var testDescription: String { name }
    }

    static let heads = [
        Head(name: "head_lstm", isCompared: true),
        Head(name: "head_gru", isCompared: true),
        Head(name: "head_resize_computed", isCompared: true),
        Head(name: "head_fpn", isCompared: true),
        Head(name: "head_argmax_first", isCompared: true),
        Head(name: "check5_reshape1c_batchN", isCompared: true),
        Head(name: "head_nms"),
        Head(name: "head_nonzero_gather"),
        Head(name: "head_topk_computed"),
        Head(name: "head_not_runnable"),
        Head(name: "head_if_shapes"),
        Head(name: "head_loop", boundary: "Loop"),
        Head(name: "head_scan", boundary: "Scan"),
        Head(name: "head_sequence", boundary: "SplitToSequence"),
        Head(name: "head_contrib", boundary: "QuickGelu"),
    ]

    private static func models(_ name: String) throws -> (source: Model, canonical: Model) {
        let source = try ONNXFile.read(path: Repository.path("fixtures/cases/\(name).onnx"))
        var canonical = source
        canonical.graph = try Pipeline.canonical(batchNormalization: .folded).run(source.graph)
        return (source, canonical)
    }

    @Test("Calibration follows the blocks as far as samples can be compared", arguments: heads)
    func calibrates(_ head: Head) throws {
        let (source, model) = try Self.models(head.name)
        let (calibration, conversion) = try Networks.calibrated(
            model, Networks.half(.hidden, .fixed), blocks: .all, samples: 8)
        #expect(calibration.outcomes.count == calibration.plan.entries.count { !$0.verdict.isIneligible })
        #expect(calibration.comparison.isOfOutput == head.isCompared)
        #expect(calibration.comparison.samples == 2)
        try Self.expectChecked(source, conversion.model, head)
    }

    @Test("Blocks of the paper's recipe are checked before any head", arguments: heads)
    func verifies(_ head: Head) throws {
        let (source, model) = try Self.models(head.name)
        let recipe = PaperRecipe(ratio: try #require(ModRatio("0.5")))
        let plan = try Planner.plan(model.graph, ConversionRequest(.paper(recipe, on: .all)))
        let conversion = try Converter.apply(plan, to: model, sourceSHA256: nil)
        try Self.expectChecked(source, conversion.model, head)
    }

    private static func expectChecked(_ source: Model, _ converted: Model, _ head: Head) throws {
        let verification = try Verifier.verify(source: source, converted: converted)
        for check in verification.checks {
            #expect(check.outcome != .failed, "\(check.kind): \(check.summary)")
        }
        #expect(verification.check(.blocks)?.outcome == .passed)
        let drift = verification.check(.drift)?.outcome
        if let boundary = head.boundary {
            #expect(verification.boundary?.node.hasSuffix("(\(boundary))") == true)
            #expect(drift == .notApplicable)
        } else {
            #expect(verification.boundary == nil)
        }
    }

    @Test("A node before all blocks that cannot be run is named")
    func nothingRuns() throws {
        let (source, model) = try Self.models("stem_contrib")
        #expect(
            throws: CalibrationError.notRunnable(
                node: "node \"/QuickGelu_0\" (QuickGelu)", problem: "no kernel")
        ) {
            try Networks.calibrated(model, Networks.half())
        }
        let recipe = PaperRecipe(ratio: try #require(ModRatio("0.5")))
        let plan = try Planner.plan(model.graph, ConversionRequest(.paper(recipe, on: .all)))
        #expect(!plan.conversions.isEmpty)
        let converted = try Converter.apply(plan, to: model, sourceSHA256: nil).model
        let verification = try Verifier.verify(source: source, converted: converted)
        #expect(verification.passed)
        #expect(verification.check(.blocks)?.outcome == .notApplicable)
    }
}

extension Verdict {
    fileprivate var isIneligible: Bool {
        if case .notEligible = self { true } else { false }
    }
}
