import MixtureOfDepths
import Testing

@testable import modconvert

/// What a target allows, decided before anything is read.
@Suite struct TargetTests {
    private func resolve(_ options: [String]) throws -> RecipeResolver.Resolution {
        let words = ["convert", "model.onnx", "--mod-ratio", "0.5"] + options
        return try #require(try ModConvert.parseAsRoot(words) as? Convert).resolver.resolve { false }
    }

    @Test(
        "A target without TopK gets fixed routers, and says so",
        arguments: [
            ("ncnn", ["--recipe", "paper"]), ("ncnn", ["--recipe", "calibrated"]),
            ("ncnn", ["--router", "auto"]),
            ("opencv4", ["--recipe", "paper"]), ("opencv4", ["--route", "hidden"]),
            ("opencv4", ["--router", "auto"]),
        ])
    func fixed(_ target: String, _ options: [String]) throws {
        let resolution = try resolve(options + ["--target", target])
        #expect(resolution.request.recipe.router == "fixed")
        #expect(resolution.targetRemark?.hasPrefix("\(target): ") == true)
        #expect(try resolve(["--router", "fixed", "--target", target]).targetRemark == nil)
    }

    @Test("Pairs of channels need no TopK: they are OpenCV 4's usual blocks")
    func pairs() throws {
        for options in [[], ["--route", "channels"], ["--router", "pairs"]] {
            let resolution = try resolve(options + ["--target", "opencv4"])
            #expect(resolution.request.recipe.router == "pairs")
            #expect(resolution.targetRemark == nil)
        }
    }

    @Test("A target that takes no pairs but has TopK gets routed channels, and says so")
    func topk() throws {
        for options in [[], ["--route", "channels"]] {
            let resolution = try resolve(["--recipe", "calibrated", "--target", "tflite"] + options)
            #expect(resolution.request.recipe.router == "topk")
            #expect(resolution.targetRemark?.hasPrefix("tflite: TensorFlow Lite lacks a Where") == true)
        }
        let asked = try resolve(["--recipe", "calibrated", "--target", "tflite", "--router", "topk"])
        #expect(asked.targetRemark == nil)
        #expect(try resolve(["--recipe", "paper", "--target", "tflite"]).targetRemark == nil)
    }

    @Test(
        "Calibration compares only what the target runs",
        arguments: [
            (Target.portable, [.fixedHidden, .routedHidden, .fixedChannels, .pairedChannels]),
            (.opencv4, [.fixedHidden, .fixedChannels, .pairedChannels]), (.ncnn, [.fixedHidden]),
        ] as [(Target, [ReductionWay])])
    func ways(_ target: Target, _ ways: [ReductionWay]) throws {
        #expect(BlockReduction(.any, router: .auto, target: target).ways == ways)
        let words = ["convert", "model.onnx", "--max-drop", "0.01", "--target", target.rawValue]
        let command = try #require(try ModConvert.parseAsRoot(words) as? Convert)
        let resolution = try command.resolver.resolve { false }
        guard case .calibrated(let recipe, _) = resolution.request.recipe else {
            Issue.record("a budget is for the calibrated recipe")
            return
        }
        #expect(recipe.reduction?.ways == ways)
    }

    @Test(
        "What the target cannot run is refused, with what to ask for instead",
        arguments: [
            ("ncnn", ["--router", "topk"], "ncnn lacks a TopK layer", "use --router fixed,"),
            ("ncnn", ["--router", "pairs"], "ncnn lacks layers of Less and Where", "use --router fixed,"),
            (
                "tflite", ["--router", "pairs"], "TensorFlow Lite lacks a Where",
                "use --router topk or fixed,"
            ),
            ("ncnn", ["--route", "channels"], "ncnn lacks a layer of Gather", "use --route hidden,"),
            (
                "opencv4", ["--router", "topk"], "OpenCV 4 lacks a TopK that sorts integers",
                "use --router pairs or fixed,"
            ),
        ])
    func refused(_ target: String, _ options: [String], _ problem: String, _ remedy: String) throws {
        let error = #expect(throws: UsageError.self) {
            try resolve(["--recipe", "calibrated", "--target", target] + options)
        }
        #expect(error?.diagnostic.place == options.joined(separator: " "))
        #expect(error?.diagnostic.problem.contains(problem) == true)
        #expect(error?.diagnostic.remedy?.hasPrefix(remedy) == true)
    }

    @Test("A router of the paper's blocks that the target cannot run is refused")
    func refused() throws {
        let error = #expect(throws: UsageError.self) {
            try resolve(["--recipe", "paper", "--target", "ncnn", "--router", "topk"])
        }
        #expect(error?.diagnostic.place == "--router topk")
        #expect(error?.diagnostic.problem.contains("ncnn lacks a TopK layer") == true)
    }

    @Test(
        "The spellings of version 0.2 are still taken",
        arguments: [("literal", Target.literal), ("fast", .fast), ("train", .training)])
    func emit(_ name: String, _ target: Target) throws {
        let recipe = try resolve(["--recipe", "paper", "--emit", name]).request.recipe
        #expect(recipe.target == target)
    }

    @Test(
        "Names of spellings are no toolchains, and two answers are too many",
        arguments: [["--target", "fast"], ["--target", "literal"], ["--target", "mnn", "--emit", "fast"]])
    func unknown(_ options: [String]) {
        #expect(throws: (any Error).self) { try resolve(options) }
    }

    @Test("Training is the usual target where BatchNormalization is separated for it")
    func usual() throws {
        #expect(try resolve(["--bn", "separate"]).request.recipe.target == .training)
        #expect(try resolve([]).request.recipe.target == .portable)
        #expect(try resolve(["--target", "training"]).request.recipe.name == "paper")
    }
}
