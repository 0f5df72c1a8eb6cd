/// The state of Adam (Kingma, Ba 2015, algorithm 1): running means of each gradient and of its square.
///
///     m = b1 m + (1 - b1) g    v = b2 v + (1 - b2) g^2    w -= rate * (m / (1 - b1^t)) / (sqrt(v / (1 - b2^t)) + epsilon)
struct Adam: Sendable {
    private let settings: TuningSettings
    private let means: FloatBuffer
    private let squares: FloatBuffer
    /// 1 - b1^t and 1 - b2^t
    private var corrections = (first: 1.0, second: 1.0)
    private var powers = (first: 1.0, second: 1.0)

    init(parameters: Int, _ settings: TuningSettings) {
        self.settings = settings
        (means, squares) = (FloatBuffer(count: parameters), FloatBuffer(count: parameters))
    }

    /// Begins a step; its elements are then updated range by range, in any order.
    mutating func advance() {
        powers.first *= settings.momentum.first
        powers.second *= settings.momentum.second
        corrections = (1 - powers.first, 1 - powers.second)
    }

    /// Moves the elements of a range.
    ///
    /// - Parameter gradient: of the whole range, its first element at 0.
    func update(
        _ range: Range<Int>, of parameters: FloatBuffer, gradient: UnsafePointer<Float>, rate: Double
    ) {
        let (b1, b2) = (Float(settings.momentum.first), Float(settings.momentum.second))
        let step = Float(rate / corrections.first)
        let (root, epsilon) = (Float(1 / corrections.second), Float(settings.epsilon))
        let (m, v, w) = (means.start, squares.start, parameters.start)
        for (place, element) in range.enumerated() {
            let g = gradient[place]
            m[element] = b1 * m[element] + (1 - b1) * g
            v[element] = b2 * v[element] + (1 - b2) * g * g
            w[element] -= step * m[element] / ((v[element] * root).squareRoot() + epsilon)
        }
    }
}
