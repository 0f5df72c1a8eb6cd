import Calibration
import GraphIR
import MixtureOfDepths

/// A conversion with all that its blocks need to be written.
public struct FittedConversion: Sendable {
    /// The network that is converted.
    public let network: CanonicalNetwork
    /// What becomes of every block; none is open.
    public let plan: MoDPlan
    /// What was calibrated; nil for blocks that are to be trained.
    public let calibration: Calibration?
    /// With a budget, by scope: the share of the estimated loss that a converted block causes.
    public let lossShares: [String: Double]
    /// The scale at which images were generated, if it comes from statistics that the source stores.
    public let pixelScale: PixelScale?

    init(
        network: CanonicalNetwork, plan: MoDPlan, calibration: Calibration? = nil,
        lossShares: [String: Double] = [:], pixelScale: PixelScale? = nil
    ) {
        self.network = network
        self.plan = plan
        self.calibration = calibration
        self.lossShares = lossShares
        self.pixelScale = pixelScale
    }

    /// Writes the blocks into the graph.
    ///
    /// - Throws: `ConversionError`; `OperatorError` or `GraphError` if the result were not valid.
    public func converted() throws -> ConvertedNetwork {
        var model = network.sourceModel
        model.graph = network.graph
        let conversion = try Converter.apply(
            plan, to: model, sourceSHA256: network.source.sha256,
            weights: calibration?.weights ?? CalibratedWeights())
        return ConvertedNetwork(fitted: self, conversion: conversion)
    }
}
