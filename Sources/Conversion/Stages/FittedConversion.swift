import Calibration
import GraphIR
import MixtureOfDepths

/// A conversion with everything that is needed to write its blocks.
public struct FittedConversion: Sendable {
    /// The network that is converted.
    public let network: CanonicalNetwork
    /// The verdicts of all blocks; none is open.
    public let plan: MoDPlan
    /// The calibration; nil for blocks to be trained.
    public let calibration: Calibration?
    /// With a budget, by scope: each converted block's share of the estimated loss.
    public let lossShares: [String: Double]
    /// The scale of generated images, if it comes from the source's stored statistics.
    public let pixelScale: PixelScale?
    /// A sentence on a change to the calibration images that can be seen in them; nil if there was none.
    public let imageNote: String?

    init(
        network: CanonicalNetwork, plan: MoDPlan, calibration: Calibration? = nil,
        lossShares: [String: Double] = [:], pixelScale: PixelScale? = nil, imageNote: String? = nil
    ) {
        self.network = network
        self.plan = plan
        self.calibration = calibration
        self.lossShares = lossShares
        self.pixelScale = pixelScale
        self.imageNote = imageNote
    }

    /// Writes the blocks into the graph.
    ///
    /// - Throws: `ConversionError`; `OperatorError` or `GraphError` if the result is not valid.
    public func converted() throws -> ConvertedNetwork {
        var model = network.sourceModel
        model.graph = network.graph
        let conversion = try Converter.apply(
            plan, to: model, sourceSHA256: network.source.sha256,
            weights: calibration?.weights ?? CalibratedWeights())
        return ConvertedNetwork(fitted: self, conversion: conversion)
    }
}
