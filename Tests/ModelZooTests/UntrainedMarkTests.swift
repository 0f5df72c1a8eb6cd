import GraphIR
import MixtureOfDepths
import ModelZoo
import Testing

/// The mark of a network that was built says so only as long as its weights are those that were built.
@Suite struct UntrainedMarkTests {
    private func built() throws -> Model {
        let architecture = try #require(Architecture.named("resnet18"))
        return try NetworkBuilder.build(
            architecture, BuildOptions(classes: 10, input: [3, 32, 32], width: 4)
        ).model
    }

    @Test func aBuiltNetworkIsUntrained() throws {
        var model = try built()
        #expect(UntrainedMark.isValid(in: model))
        model.metadata = []
        #expect(!UntrainedMark.isValid(in: model))
    }

    @Test("Names do not matter; one weight that changes does")
    func changes() throws {
        let model = try built()
        var edit = GraphEdit(model.graph)
        let weights = try #require(model.graph.initializers.first { $0.initializer?.rank == 4 })
        try edit.rename(weights.id, to: "renamed")
        var renamed = model
        renamed.graph = try edit.commit()
        #expect(UntrainedMark.isValid(in: renamed))
        var values = try #require(weights.initializer?.floats)
        values[values.count - 1] = values[values.count - 1].nextUp
        edit = GraphEdit(model.graph)
        edit.setInitializer(weights.id, try Tensor(shape: weights.initializer?.shape ?? [], values))
        var trained = model
        trained.graph = try edit.commit()
        #expect(!UntrainedMark.isValid(in: trained))
    }
}
