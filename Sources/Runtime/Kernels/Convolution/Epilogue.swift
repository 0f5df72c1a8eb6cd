/// The operations on a convolution's sums within the same step:
/// y = clamp((sum + bias) * scale + shift + residual, low, high).
///
/// Each operation rounds as it does in a step of its own, so fusing does not change results.
struct Epilogue: Sendable {
    /// A batch normalisation after the convolution; nil for none.
    var normalization: ChannelAffine?
    /// The step's operand that holds the residual, of the output's shape; nil for none.
    var residualInput: Int?
    var low = -Float.infinity
    var high = Float.infinity

    /// Finishes a run of one output channel's sums in place.
    func apply(
        _ sums: UnsafeMutablePointer<Float>, count: Int, channel: Int, bias: UnsafePointer<Float>?,
        residual: UnsafePointer<Float>?
    ) {
        let bias = bias.map { $0[channel] } ?? 0
        let scale = normalization?.scale[channel] ?? 1
        let shift = normalization?.shift[channel] ?? 0
        let (low, high) = (low, high)
        if let residual {
            for index in 0..<count {
                let y = (sums[index] + bias) * scale + shift + residual[index]
                sums[index] = y < low ? low : (y > high ? high : y)
            }
        } else {
            for index in 0..<count {
                let y = (sums[index] + bias) * scale + shift
                sums[index] = y < low ? low : (y > high ? high : y)
            }
        }
    }
}

/// A factor and a summand for each channel.
struct ChannelAffine: Sendable {
    let scale: [Float]
    let shift: [Float]
}
