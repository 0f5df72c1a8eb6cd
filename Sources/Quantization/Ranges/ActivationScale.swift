import GraphIR

/// The scale of a group of activations: real = scale * (integer - zero point).
public struct ActivationScale: Sendable, Equatable {
    /// The size of a step.
    public let scale: Float
    /// The integer that stands for 0.
    public let zeroPoint: Int
    /// The integers.
    public let integers: ActivationIntegers

    /// The scale whose integers span `range`, widened to hold 0.
    init(_ range: ClosedRange<Double>, _ integers: ActivationIntegers) {
        let (low, high) = (min(range.lowerBound, 0), max(range.upperBound, 0))
        let step: Double
        switch integers {
        case .unsigned: step = (high - low) / 255
        case .symmetric: step = max(high, -low) / 127
        }
        // Rounded down: the largest integer must not exceed the bound of a Clip, or a runtime keeps that node.
        let scale = Float(step).isNormal ? Float(step) : 1
        self.scale = Double(scale) > step && scale != 1 ? scale.nextDown : scale
        zeroPoint =
            integers == .symmetric
            ? 0 : Int((-low / Double(self.scale)).rounded(.toNearestOrEven).clamped(0, 255))
        self.integers = integers
    }

    /// The real numbers that integers stand for.
    public var range: ClosedRange<Double> {
        let (low, high) = integers == .unsigned ? (-zeroPoint, 255 - zeroPoint) : (-127, 127)
        return (Double(low) * Double(scale))...(Double(high) * Double(scale))
    }

    /// The step as a tensor.
    var scaleTensor: Tensor { Tensor(scalar: scale) }

    /// The zero point as a tensor, whose type is that of the integers.
    var zeroPointTensor: Tensor {
        switch integers {
        case .unsigned: Tensor(scalar: UInt8(clamping: zeroPoint))
        case .symmetric: Tensor(scalar: Int8(clamping: zeroPoint))
        }
    }
}

extension Double {
    fileprivate func clamped(_ low: Double, _ high: Double) -> Double { min(max(self, low), high) }
}
