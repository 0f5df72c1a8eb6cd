import MixtureOfDepths
import Runtime

/// Chooses the second channels of pairs, for a body that always reads the same channels.
///
/// Let x_c be a channel, centred by its mean over all samples, and W_c the weights that read it. Where p
/// enters the body and q does not, a slot for both carries z: x_p for samples with s_p >= s_q, x_q for the
/// others. The best constant weights on z then lose
///
///     err = E|W_p x_p + W_q x_q|^2 - |W_p E[x_p z] + W_q E[x_q z]|^2 / E[z^2]
///
/// of what both channels give to the next layer, and err_fixed if z is always x_p. Each p gets a q of its own,
/// so that the sum of the errors is the least; the pairs with the largest err_fixed - err stay. Weights are
/// compared tap by tap, at one position of the map.
struct PairSelection {
    /// The channels that always enter without pairs, ascending.
    private let inside: [Int]
    /// All other channels, ascending.
    private let outside: [Int]
    /// M'M of the weights with one column for each channel.
    private let gains: Matrix
    /// The mean of each channel over all samples.
    private let means: [Double]
    /// E[x_c^2] of each channel, and E[x_p x_q].
    private var power: [Double]
    private var products: Matrix
    /// E[I x_p^2], E[I x_p x_q] and E[I x_q^2], where I is 1 for samples with s_p >= s_q.
    private var firstPower: Matrix
    private var firstProducts: Matrix
    private var firstOther: Matrix
    private var rows = 0.0

    /// - Parameters:
    ///   - consumer: the weights that read the channels, (outputs * taps) x channels.
    ///   - means: of each channel, over the rows that `add` will get.
    init(inside: [Int], consumer: Matrix, means: [Double], _ workers: Workers) {
        self.inside = inside
        let taken = Set(inside)
        outside = (0..<consumer.columns).filter { !taken.contains($0) }
        var gains = Matrix(rows: consumer.columns, columns: consumer.columns)
        gains.addProduct(transposed: consumer, consumer, isSymmetric: true, workers)
        gains.symmetrise()
        self.gains = gains
        self.means = means
        power = [Double](repeating: 0, count: consumer.columns)
        let empty = Matrix(rows: inside.count, columns: outside.count)
        (products, firstPower, firstProducts, firstOther) = (empty, empty, empty, empty)
    }

    /// Adds a sample.
    ///
    /// - Parameters:
    ///   - values: the channels at some positions of the sample's map, positions x channels.
    ///   - scores: the sample's score for each channel.
    mutating func add(_ values: Matrix, scores: [Double], _ workers: Workers) {
        var centred = values
        for index in centred.values.indices { centred.values[index] -= means[index % means.count] }
        rows += Double(values.rows)
        let (first, second) = (centred.selecting(columns: inside), centred.selecting(columns: outside))
        var cross = Matrix(rows: inside.count, columns: outside.count)
        cross.addProduct(transposed: first, second, workers)
        var squares = [Double](repeating: 0, count: means.count)
        for (index, value) in centred.values.enumerated() { squares[index % means.count] += value * value }
        for channel in squares.indices { power[channel] += squares[channel] }
        for (row, p) in inside.enumerated() {
            for (column, q) in outside.enumerated() {
                let place = row * outside.count + column
                products.values[place] += cross.values[place]
                guard scores[p] >= scores[q] else { continue }
                firstPower.values[place] += squares[p]
                firstProducts.values[place] += cross.values[place]
                firstOther.values[place] += squares[q]
            }
        }
    }

    /// The pairs that gain most, at most `count`; fewer where no channels are left. Slots are in the order of
    /// their first channels.
    func pairs(_ count: Int) -> ChannelPairs {
        var errors = Matrix(rows: inside.count, columns: outside.count)
        var gained = errors
        for row in inside.indices {
            for column in outside.indices {
                let (pair, fixed) = (error(row, column), fixedError(row, column))
                errors[row, column] = pair
                gained[row, column] = fixed - pair
            }
        }
        let candidates = Assignment.leastCost(errors).enumerated().compactMap { row, column in
            column.map { (row: row, column: $0, gain: gained[row, $0]) }
        }
        let kept = candidates.sorted { $0.gain == $1.gain ? $0.row < $1.row : $0.gain > $1.gain }
            .prefix(count).sorted { $0.row < $1.row }
        let first = kept.map { inside[$0.row] }
        let choosing = Set(first)
        return ChannelPairs(
            first: first, second: kept.map { outside[$0.column] },
            constant: inside.filter { !choosing.contains($0) })
    }

    /// The error of a slot that both channels share.
    private func error(_ row: Int, _ column: Int) -> Double {
        let (p, q) = (inside[row], outside[column])
        let a = firstPower[row, column] + products[row, column] - firstProducts[row, column]
        let b = firstProducts[row, column] + power[q] - firstOther[row, column]
        let variance = firstPower[row, column] + power[q] - firstOther[row, column]
        return whole(row, column) - explained(p, q, a, b, variance)
    }

    /// The error of a slot that always sees the first channel.
    private func fixedError(_ row: Int, _ column: Int) -> Double {
        let (p, q) = (inside[row], outside[column])
        return whole(row, column) - explained(p, q, power[p], products[row, column], power[p])
    }

    /// E|W_p x_p + W_q x_q|^2
    private func whole(_ row: Int, _ column: Int) -> Double {
        let (p, q) = (inside[row], outside[column])
        return (gains[p, p] * power[p] + 2 * gains[p, q] * products[row, column] + gains[q, q] * power[q])
            / max(1, rows)
    }

    /// |W_p a + W_q b|^2 / variance
    private func explained(_ p: Int, _ q: Int, _ a: Double, _ b: Double, _ variance: Double) -> Double {
        guard variance > 0 else { return 0 }
        return (gains[p, p] * a * a + 2 * gains[p, q] * a * b + gains[q, q] * b * b) / variance / max(1, rows)
    }
}
