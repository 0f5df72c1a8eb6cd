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
        "A target without TopK gets fixed routers, and says so", arguments: ["ncnn", "opencv4"],
        [
            ["--recipe", "paper"], ["--recipe", "calibrated"], ["--route", "channels"], ["--router", "auto"],
        ])
    func fixed(_ target: String, _ options: [String]) throws {
        let resolution = try resolve(options + ["--target", target])
        #expect(resolution.request.recipe.router == "fixed")
        #expect(resolution.targetRemark?.hasPrefix("\(target): ") == true)
        #expect(try resolve(["--router", "fixed", "--target", target]).targetRemark == nil)
    }

    @Test("A router that the target cannot run is refused", arguments: ["paper", "calibrated"])
    func refused(_ recipe: String) throws {
        let error = #expect(throws: UsageError.self) {
            try resolve(["--recipe", recipe, "--target", "ncnn", "--router", "topk"])
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
