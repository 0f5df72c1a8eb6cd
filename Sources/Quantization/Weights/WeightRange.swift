import MixtureOfDepths

/// The integers that weights become.
///
/// On x86 processors with AVX2 and without VNNI, runtimes multiply an unsigned byte with a weight twice and sum both
/// products in 16 bits, with saturation. The two weights are neighbours in the product: channels 2i and 2i + 1 at the
/// same tap of the filter. 255 * 128 fits, so nothing saturates if two neighbours never sum beyond 128 in magnitude.
public enum WeightRange: String, Sendable, CaseIterable {
    /// Magnitudes up to 127, and sums of neighbours up to 128.
    case neighbours
    /// Magnitudes up to 63, whatever a runtime sums.
    case half
    /// Magnitudes up to 127: for processors with VNNI, and for kernels with 32-bit sums.
    case full
}

/// The limits of the integers of one layer.
struct WeightLimits {
    /// The largest magnitude of an integer.
    let largest: Int
    /// The features of one input channel; nil if neighbours are not limited.
    private let taps: Int?

    /// The largest magnitude of the sum of two neighbours.
    static let largestSum = 128

    init(largest: Int, taps: Int? = nil) { (self.largest, self.taps) = (largest, taps) }

    /// The limits of a layer whose features are [input channels of a group, height, width].
    init(_ range: WeightRange, _ weights: ConvolutionWeights) {
        let taps = weights.shape.dropFirst(2).reduce(1, *)
        let channels = weights.filter / max(1, taps)
        switch range {
        case .full: self.init(largest: 127)
        case .half: self.init(largest: 63)
        case .neighbours where weights.isDepthwise || weights.filter == 1: self.init(largest: 127)
        // Where channels are odd, neighbours lie at different taps, or in different rows.
        case .neighbours where channels % 2 == 1: self.init(largest: WeightLimits.largestSum / 2)
        case .neighbours: self.init(largest: 127, taps: taps)
        }
    }

    /// The feature that is multiplied together with another one.
    func neighbour(of feature: Int) -> Int? {
        taps.map { feature / $0 % 2 == 0 ? feature + $0 : feature - $0 }
    }

    /// The integers that a weight may become beside a neighbour.
    func allowed(beside neighbour: Int) -> ClosedRange<Int> {
        let sum = WeightLimits.largestSum
        return max(-largest, min(0, -sum - neighbour))...min(largest, max(0, sum - neighbour))
    }

    /// A weight and its neighbour, in steps, brought to a sum within the limit: each gives up half of the excess.
    static func shared(_ weight: Double, _ neighbour: Double) -> Double {
        guard weight * neighbour > 0 else { return weight }
        let excess = abs(weight + neighbour) - Double(largestSum)
        guard excess > 0 else { return weight }
        return weight > 0 ? max(0, weight - excess / 2) : min(0, weight + excess / 2)
    }
}
