import GraphIR

/// How often numbers of each magnitude occur, in bounded memory.
///
/// Both signs have the same number of bins of the same width. A number beyond the last bin doubles the width, and
/// bins merge in pairs.
struct MagnitudeHistogram: Sendable {
    private static let bins = 4096
    /// Of one bin; 0 before the first number that is not 0.
    private var width: Float = 0
    private var positive = [Int](repeating: 0, count: bins)
    private var negative = [Int](repeating: 0, count: bins)
    private(set) var count = 0
    private(set) var low: Float = 0
    private(set) var high: Float = 0
    /// Whether a number was infinite or NaN.
    private(set) var isFinite = true

    /// Adds a tensor's numbers. O(elements).
    mutating func add(_ tensor: Tensor) throws {
        try tensor.withElements(of: Float.self) { elements in
            count += elements.count
            var (least, most) = (Float(0), Float(0))
            var sum = Float(0)
            for element in elements {
                least = min(least, element)
                most = max(most, element)
                // Stays 0 unless a number is infinite or NaN.
                sum += element * 0
            }
            guard sum == 0 else {
                isFinite = false
                return
            }
            (low, high) = (min(low, least), max(high, most))
            reach(max(most, -least))
            guard width > 0 else { return }
            let (factor, last) = (1 / width, MagnitudeHistogram.bins - 1)
            positive.withUnsafeMutableBufferPointer { positive in
                negative.withUnsafeMutableBufferPointer { negative in
                    for element in elements {
                        if element > 0 {
                            positive[min(Int(element * factor), last)] += 1
                        } else if element < 0 {
                            negative[min(Int(-element * factor), last)] += 1
                        }
                    }
                }
            }
        }
    }

    /// Makes the bins wide enough for a magnitude.
    private mutating func reach(_ magnitude: Float) {
        guard magnitude > 0 else { return }
        let bins = Float(MagnitudeHistogram.bins)
        if width == 0 { width = max(magnitude / bins, .leastNormalMagnitude) }
        while magnitude > width * bins {
            width *= 2
            positive.mergePairs()
            negative.mergePairs()
        }
    }

    /// The sum of squared errors if numbers are rounded to steps of `step` and clipped to `range`.
    ///
    /// Numbers below half a step become 0; the rounding errors of all others are taken as spread evenly over a step.
    func squaredError(_ range: ClosedRange<Double>, step: Double) -> Double {
        func side(_ bins: [Int], bound: Double) -> Double {
            let width = Double(width)
            var error = 0.0
            for (place, count) in bins.enumerated() where count > 0 {
                let magnitude = (Double(place) + 0.5) * width
                let beyond = magnitude - bound
                let rounding = magnitude < step / 2 ? magnitude * magnitude : step * step / 12
                error += Double(count) * (beyond > 0 ? beyond * beyond : rounding)
            }
            return error
        }
        return side(positive, bound: range.upperBound) + side(negative, bound: -range.lowerBound)
    }

    /// The share of numbers outside `range`.
    func share(outside range: ClosedRange<Double>) -> Double {
        func side(_ bins: [Int], bound: Double) -> Int {
            bins.enumerated().reduce(0) { $0 + (Double($1.offset) * Double(width) > bound ? $1.element : 0) }
        }
        let outside = side(positive, bound: range.upperBound) + side(negative, bound: -range.lowerBound)
        return count > 0 ? Double(outside) / Double(count) : 0
    }
}

extension [Int] {
    /// Adds neighbours; the second half becomes 0.
    fileprivate mutating func mergePairs() {
        for place in 0..<(count / 2) { self[place] = self[2 * place] + self[2 * place + 1] }
        for place in (count / 2)..<count { self[place] = 0 }
    }
}
