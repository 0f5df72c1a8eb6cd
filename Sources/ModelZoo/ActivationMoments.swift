#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Mean and mean square of an activation, over its elements and over images of independent standard normal
/// pixels.
///
/// They follow from the layers alone: weights of mean 0 and variance 2 / fan-in (He et al. 2015) turn inputs
/// of mean square q into sums of mean 0 and variance 2 q, whatever the inputs' mean. Sums are assumed to be
/// normally distributed. The effect of padding is ignored.
struct ActivationMoments: Equatable {
    var mean: Double
    var square: Double

    static let standardNormal = ActivationMoments(mean: 0, square: 1)

    /// The variance of a convolution's output for this input, with He-normal weights.
    var convolved: Double { 2 * square }

    /// After a normalisation to variance 1, times `scale`.
    static func normalised(scale: Double) -> ActivationMoments {
        ActivationMoments(mean: 0, square: scale * scale)
    }

    /// The sum with an independent value.
    static func + (a: ActivationMoments, b: ActivationMoments) -> ActivationMoments {
        ActivationMoments(mean: a.mean + b.mean, square: a.square + b.square + 2 * a.mean * b.mean)
    }

    /// After ReLU; also after ReLU6, since hardly any normalised value exceeds 6.
    var rectified: ActivationMoments {
        let deviation = max(square - mean * mean, 0).squareRoot()
        guard deviation > 0 else {
            let value = max(mean, 0)
            return ActivationMoments(mean: value, square: value * value)
        }
        let z = mean / deviation
        let density = exp(-z * z / 2) / (2 * Double.pi).squareRoot()
        let share = erfc(-z / 2.0.squareRoot()) / 2
        return ActivationMoments(
            mean: mean * share + deviation * density,
            square: square * share + mean * deviation * density)
    }

    /// Mean and variance of the largest of several independent standard normal numbers.
    struct Maximum {
        let mean, variance: Double
        static let ofFour = Maximum(mean: 1.0294, variance: 0.4917)
        static let ofNine = Maximum(mean: 1.4850, variance: 0.3574)
    }

    /// After ReLU and the maximum over a window whose elements share half of their variance, as neighbours do
    /// that are sums over overlapping windows.
    ///
    /// - Precondition: the rectified value had mean 0.
    func pooled(_ maximum: Maximum) -> ActivationMoments {
        let variance = 2 * square
        let mean = (variance / 2).squareRoot() * maximum.mean
        let rest = variance / 2 * (1 + maximum.variance)
        return ActivationMoments(mean: mean, square: mean * mean + rest).rectified
    }
}
