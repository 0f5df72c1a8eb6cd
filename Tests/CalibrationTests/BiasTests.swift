import GraphIR
import MixtureOfDepths
import Operators
import Runtime
import TestSupport
import Testing

@testable import Calibration

/// The bias that each sample gets.
@Suite struct BiasTests {
    /// y = Relu(x + a block whose hidden units sum up each image's brightness).
    private func network() throws -> Model {
        var network = try SmallNetwork()
        let x = try network.relu(try network.convolution(network.image, 8, kernel: 3))
        let hidden = try network.relu(try network.convolution(x, 16))
        let y = try network.relu(try network.sum(try network.convolution(hidden, 8), x))
        return try network.model([y])
    }

    private func calibration(_ bias: BiasChoice, ratio: String = "1/8") throws -> Calibration {
        let recipe = CalibratedRecipe(
            .share(try #require(ModRatio(ratio)), BlockReduction(.hidden, router: .fixed)), bias: bias)
        return try Networks.calibrated(try network(), recipe, blocks: .all, samples: 64).calibration
    }

    @Test("A bias lowers the error of a block that lost most of its units, on images that no fit saw")
    func helps() throws {
        let (without, with) = (try calibration(.none), try calibration(.rank(4)))
        #expect(with.comparison.isHeldOut)
        #expect(with.comparison.error < 0.95 * without.comparison.error)
        #expect(with.weights.biases.count == 1 && without.weights.biases.isEmpty)
        let bias = try #require(with.weights.biases.values.first)
        #expect(bias.features.shape == [4, 8, 1, 1] && bias.response.shape == [8, 4, 1, 1])
    }

    @Test("Where calibration decides, the network that is closer to its source is taken")
    func isDecided() throws {
        let found = try calibration(.auto)
        let bias = try #require(found.bias)
        #expect(bias.isTaken == (bias.with.divergence < bias.without.divergence))
        #expect(found.weights.biases.isEmpty != bias.isTaken)
        #expect(found.plan.conversions.allSatisfy { ($0.block.form.payload.biasRank != nil) == bias.isTaken })
        let (with, without) = (try calibration(.rank(BiasChoice.usualRank)), try calibration(.none))
        #expect(bias.with.error == with.comparison.error && bias.without.error == without.comparison.error)
    }

    @Test("There are no more features than channels, and none where no weight is fitted")
    func rank() throws {
        let found = try calibration(.rank(32))
        #expect(found.plan.conversions.map(\.block.form.payload.biasRank) == [8])
        let kept = CalibratedRecipe(
            .share(try #require(ModRatio("0.5")), BlockReduction(.hidden, router: .fixed)), weights: .keep)
        #expect(kept.bias == .none && !kept.takesBias)
    }

    @Test("Half as many features cost half as many multiply-accumulates")
    func cost() throws {
        let macs = try [BiasChoice.none, .rank(2), .rank(4)].map { bias in
            let (_, conversion) = try Networks.calibrated(
                try network(),
                CalibratedRecipe(
                    .share(try #require(ModRatio("0.5")), BlockReduction(.hidden, router: .fixed)), bias: bias
                ),
                blocks: .all, samples: 8)
            return MACCount(conversion.model.graph).total(.strict)
        }
        #expect(macs[1] - macs[0] == 2 * (8 + 8) && macs[2] - macs[0] == 4 * (8 + 8))
    }
}
