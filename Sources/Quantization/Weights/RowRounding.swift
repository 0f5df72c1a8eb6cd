import COpenBLAS
import Calibration
import Runtime

/// Rounds the weights of a layer, or of one of its groups, to integers.
///
/// The error that counts is that of the layer's results, e' G e for the error e of a row of weights, where G is the
/// covariance of the layer's inputs. The bias takes what is constant.
struct RowRounding {
    let limits: WeightLimits
    let workers: Workers

    /// A layer's integers, rows x features, and the scale of each row.
    struct Result {
        var integers: [Int8]
        var scales: [Float]
    }

    /// Each weight to the nearest step that the limits allow; the step of a row is the least that keeps all of its
    /// weights within them.
    ///
    /// - Parameter leastSteps: of each row.
    func nearest(_ weights: Matrix, _ leastSteps: [Double]) -> Result {
        let order = Array(0..<weights.columns)
        let neighbours = neighbours(in: order)
        var (scales, integers) = ([Float](), [Int8]())
        for row in 0..<weights.rows {
            let own = weights.values[(row * weights.columns)..<((row + 1) * weights.columns)]
            let step = step(extent(own, neighbours), atLeast: leastSteps[row])
            var rounded: [Int] = []
            for (column, weight) in own.enumerated() {
                let neighbour = neighbours[column] < column ? rounded[neighbours[column]] : 0
                rounded.append(integer(weight / Double(step), beside: neighbour))
            }
            scales.append(step)
            integers += rounded.map { Int8(clamping: $0) }
        }
        return Result(integers: integers, scales: scales)
    }

    /// Weights one by one, those of the strongest features first; what rounding one of them costs is made up for by
    /// those after it (OBQ, Frantar and Alistarh 2022, in the fixed order of GPTQ, Frantar et al. 2022):
    ///
    ///     H = G + ridge I,  U'U = H^-1, U upper triangular
    ///     q_j = round(w_j / s),  w_k -= (w_j - s q_j) U_jk / U_jj  for all k > j
    ///
    /// Of two neighbours that exceed their limit, the first gives up half of the excess, the second what is left. The
    /// step s of each row is the one with the least error by the diagonal of G. O(rows features^2 + features^3)
    ///
    /// - Parameters:
    ///   - covariance: features x features.
    ///   - leastSteps: of each row.
    /// - Returns: nil if H has no inverse.
    func compensated(
        _ weights: Matrix, covariance: Matrix, ridge: Double, _ leastSteps: [Double]
    ) -> Result? {
        let features = weights.columns
        let order = (0..<features).sorted {
            (covariance.values[$0 * features + $0], $1) > (covariance.values[$1 * features + $1], $0)
        }
        guard let factor = RowRounding.inverseFactor(covariance, order, ridge: ridge) else { return nil }
        let variances = order.map { covariance.values[$0 * features + $0] }
        let neighbours = neighbours(in: order)
        var scales = [Float](repeating: 0, count: weights.rows)
        var integers = [Int8](repeating: 0, count: weights.values.count)
        let block = RowRounding.rowsAtATime
        scales.withUnsafeMutableBufferPointer { scales in
            integers.withUnsafeMutableBufferPointer { integers in
                nonisolated(unsafe) let (scales, integers) = (scales, integers)
                workers.forEach((weights.rows + block - 1) / block) { piece in
                    let rows = (piece * block)..<min((piece + 1) * block, weights.rows)
                    var left = rows.flatMap { row in order.map { weights.values[row * features + $0] } }
                    for (place, row) in rows.enumerated() {
                        scales[row] = bestStep(
                            left[(place * features)..<((place + 1) * features)], variances, neighbours,
                            atLeast: leastSteps[row])
                    }
                    left.withUnsafeMutableBufferPointer { left in
                        factor.withUnsafeBufferPointer { factor in
                            for column in 0..<features {
                                let line = column * features
                                let neighbour = neighbours[column]
                                for (place, row) in rows.enumerated() {
                                    let start = place * features
                                    let step = Double(scales[row])
                                    let steps = left[start + column] / step
                                    let rounded =
                                        neighbour > column
                                        ? integer(WeightLimits.shared(steps, left[start + neighbour] / step))
                                        : integer(
                                            steps,
                                            beside: neighbour < column
                                                ? Int(integers[row * features + order[neighbour]]) : 0)
                                    integers[row * features + order[column]] = Int8(clamping: rounded)
                                    let error =
                                        (left[start + column] - Double(rounded) * step)
                                        / factor[line + column]
                                    for next in (column + 1)..<max(features, column + 1) {
                                        left[start + next] -= error * factor[line + next]
                                    }
                                }
                            }
                        }
                    }
                }
            }
        }
        return Result(integers: integers, scales: scales)
    }

    /// So many rows share a line of the factor while it is in the cache.
    private static let rowsAtATime = 16

    /// U with U'U = (G + ridge I)^-1, rows and columns in the given order, by LAPACK.
    private static func inverseFactor(_ covariance: Matrix, _ order: [Int], ridge: Double) -> [Double]? {
        let features = order.count
        var matrix = [Double](repeating: 0, count: features * features)
        for (row, from) in order.enumerated() {
            for (column, source) in order.enumerated() {
                matrix[row * features + column] = covariance.values[from * features + source]
            }
            matrix[row * features + row] += ridge
        }
        // Row-major upper is column-major lower.
        var (count, info) = (Int32(features), Int32(0))
        dpotrf_("L", &count, &matrix, &count, &info)
        guard info == 0 else { return nil }
        dpotri_("L", &count, &matrix, &count, &info)
        guard info == 0 else { return nil }
        dpotrf_("L", &count, &matrix, &count, &info)
        guard info == 0, matrix.allSatisfy(\.isFinite) else { return nil }
        return matrix
    }

    /// The step of a row that rounds to the nearest integers with the least error, features weighted by variance.
    private func bestStep(
        _ weights: ArraySlice<Double>, _ variances: [Double], _ neighbours: [Int], atLeast least: Double
    ) -> Float {
        let full = extent(weights, neighbours)
        let first = weights.startIndex
        var best = (step: step(full, atLeast: least), error: Double.infinity)
        for share in stride(from: 1.0, through: 0.4, by: -0.02) {
            let step = step(full * share, atLeast: least)
            var error = 0.0
            for (place, variance) in variances.enumerated() {
                let weight = weights[first + place]
                var steps = weight / Double(step)
                if neighbours[place] != place {
                    steps = WeightLimits.shared(steps, weights[first + neighbours[place]] / Double(step))
                }
                let lost = weight - Double(integer(steps)) * Double(step)
                error += variance * lost * lost
            }
            if error < best.error { best = (step, error) }
        }
        return best.step
    }

    /// The place of each feature's neighbour in an order of the features; its own, if it has none.
    private func neighbours(in order: [Int]) -> [Int] {
        var places = [Int](repeating: 0, count: order.count)
        for (place, feature) in order.enumerated() { places[feature] = place }
        return order.map { feature in places[limits.neighbour(of: feature) ?? feature] }
    }

    /// The magnitude that has to become the largest integer, so that a row keeps within the limits.
    private func extent(_ weights: ArraySlice<Double>, _ neighbours: [Int]) -> Double {
        var extent = 0.0
        for (place, weight) in weights.enumerated() {
            extent = max(extent, abs(weight))
            let other = weights[weights.startIndex + neighbours[place]]
            guard neighbours[place] != place, weight * other > 0 else { continue }
            extent = max(
                extent, abs(weight + other) * Double(limits.largest) / Double(WeightLimits.largestSum))
        }
        return extent
    }

    /// The step that maps a magnitude to the largest integer, or the least step if that is larger.
    private func step(_ magnitude: Double, atLeast least: Double) -> Float {
        let step = Float(max(magnitude / Double(limits.largest), least))
        return step.isNormal ? step : 1
    }

    /// The nearest integer to a number of steps; beside a neighbour's integer, the nearest that is allowed.
    private func integer(_ steps: Double, beside neighbour: Int = 0) -> Int {
        let allowed = neighbour == 0 ? -limits.largest...limits.largest : limits.allowed(beside: neighbour)
        let rounded = steps.rounded(.toNearestOrEven)
        return Int(min(max(rounded, Double(allowed.lowerBound)), Double(allowed.upperBound)))
    }
}
