/// Mean and population variance of a group of elements, for the normalisations.
struct Moments {
    let mean: Double
    let variance: Double

    init(_ values: ArraySlice<Double>) {
        let count = Double(max(values.count, 1))
        let mean = values.reduce(0, +) / count
        self.mean = mean
        variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / count
    }

    /// 1 / sqrt(variance + epsilon)
    func inverseDeviation(epsilon: Double) -> Double { 1 / (variance + epsilon).squareRoot() }
}
