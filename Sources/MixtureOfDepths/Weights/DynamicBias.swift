/// A bias that each sample gets: a linear map of the means of the channels that enter the body, through few features.
///
///     z = P GAP(x) + p        [N, d, 1, 1]
///     bias = R z              [N, outputs, 1, 1], added to the result of the body's last convolution
///
/// It gives back some of what a block lost with its units: what they did on average for such an image.
public struct DynamicBias: Sendable, Equatable {
    /// P, [d, C, 1, 1], and p.
    public var features: ConvolutionWeights
    /// R, [outputs, d, 1, 1]. Its own offset is zero: the last convolution has one.
    public var response: ConvolutionWeights

    /// A bias of `features.outputs` features.
    public init(features: ConvolutionWeights, response: ConvolutionWeights) {
        self.features = features
        self.response = response
    }
}
