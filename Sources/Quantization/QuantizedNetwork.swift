import Calibration
import GraphIR
import MixtureOfDepths

/// The result of a quantisation.
public struct QuantizedNetwork: Sendable {
    /// The network, spelled with pairs of QuantizeLinear and DequantizeLinear (QDQ).
    public let graph: Graph
    /// The layers that compute in integers, in order.
    public let layers: [Layer]
    /// The groups of values that became bytes, in order.
    public let activations: [Activation]
    /// How the outputs compare with the float network's.
    public let comparison: Calibration.Comparison

    /// The losses of one layer.
    public struct Layer: Sendable {
        /// The layer in the float network.
        public let node: NodeID
        /// The layer as diagnostics name it.
        public let name: String
        /// The variance of the layer's results over the mean squared error that rounding its weights adds to them, in
        /// decibels. From the covariance of its inputs.
        public let weightsSNR: Double
        /// The same for the error that rounding its inputs adds, if that is spread evenly over a step.
        public let inputSNR: Double
        /// ||y - y_float||^2 / ||y_float||^2 of the layer's results on images that no fit saw, all errors before it
        /// included.
        public let error: Double

        /// The lower of the two ratios.
        public var leastSNR: Double { min(weightsSNR, inputSNR) }
    }

    /// The scale that a group of values shares.
    public struct Activation: Sendable {
        /// The names of the values.
        public let values: [String]
        /// The scale.
        public let scale: ActivationScale
        /// The least and the largest number that was seen.
        public let seen: ClosedRange<Float>
        /// The share of numbers that lie outside the scale's range, and are clipped.
        public let clipped: Double
    }
}
