import Runtime

/// The sums of a linear least-squares fit with offset, accumulated row block by row block.
///
/// Features a [p] and targets t [q] arrive in any number of rows. Only Σa, Σt, Σaa' and Σat' are kept, so
/// memory does not grow with the rows. Numbers are summed as their distances from the first block's means, which keeps
/// the digits of a variance that is small beside the mean; products are float32 by panels, sums double. Rows wait until
/// there are enough for a panel.
package struct NormalEquations {
    package let features: Int
    package let targets: Int
    package private(set) var rows = 0
    /// The point that features and targets are measured from: their means over the first block.
    private var origin: (features: [Double], targets: [Double])?
    private var featureSums: [Double]
    private var targetSums: [Double]
    /// Σaa' without the rows that wait, upper tiles only.
    private var gram: Matrix
    /// Σat' without the rows that wait.
    private var cross: Matrix
    private var waiting: (features: SingleRows, targets: SingleRows)

    package init(features: Int, targets: Int) {
        self.features = features
        self.targets = targets
        featureSums = [Double](repeating: 0, count: features)
        targetSums = [Double](repeating: 0, count: targets)
        gram = Matrix(rows: features, columns: features)
        cross = Matrix(rows: features, columns: targets)
        waiting = NormalEquations.none(features, targets)
    }

    private static func none(_ features: Int, _ targets: Int) -> (SingleRows, SingleRows) {
        (SingleRows(rows: 0, columns: features, []), SingleRows(rows: 0, columns: targets, []))
    }

    /// Adds rows: `a` is rows x features, `t` rows x targets.
    package mutating func add(_ a: consuming SingleRows, _ t: consuming SingleRows, _ workers: Workers) {
        guard a.rows > 0 else { return }
        let origin = origin ?? (a.columnMeans, t.columnMeans)
        self.origin = origin
        rows += a.rows
        a.subtract(origin.features)
        t.subtract(origin.targets)
        a.addRows(to: &featureSums)
        t.addRows(to: &targetSums)
        if waiting.features.rows == 0 {
            waiting = (a, t)
        } else {
            waiting.features.append(a)
            waiting.targets.append(t)
        }
        guard waiting.features.rows >= Matrix.panel else { return }
        addWaiting(toGram: &gram, workers)
        addWaiting(toCross: &cross, workers)
        waiting = NormalEquations.none(features, targets)
    }

    private func addWaiting(toGram gram: inout Matrix, _ workers: Workers) {
        gram.addProduct(transposed: waiting.features, waiting.features, isSymmetric: true, workers)
    }

    private func addWaiting(toCross cross: inout Matrix, _ workers: Workers) {
        cross.addProduct(transposed: waiting.features, waiting.targets, workers)
    }

    /// The mean of each feature.
    package var featureMeans: [Double] { means(featureSums, from: origin?.features) }

    /// The mean of each target.
    package var targetMeans: [Double] { means(targetSums, from: origin?.targets) }

    private func means(_ sums: [Double], from origin: [Double]?) -> [Double] {
        zip(sums, origin ?? sums.map { _ in 0 }).map { $0 / Double(max(1, rows)) + $1 }
    }

    /// G = A'A/n with A centred, features x features.
    package func covariance(_ workers: Workers) -> Matrix {
        let n = Double(max(1, rows))
        let distances = featureSums.map { $0 / n }
        var g = gram
        addWaiting(toGram: &g, workers)
        g.symmetrise()
        for row in 0..<features {
            for column in 0..<features {
                g[row, column] = g[row, column] / n - distances[row] * distances[column]
            }
        }
        return g
    }

    /// The fit that stays close to a prior:
    ///
    ///     G = A'A/n,  D = A'(T - A W0')/n, W = W0 + [(G + ridge (tr G / p) I)^-1 D]',  b = mean T - W mean A
    ///
    /// with A and T centred. A ridge that is too small for a degenerate problem is raised in steps of 10.
    ///
    /// - Parameters:
    ///   - prior: W0, targets x features.
    ///   - ridge: relative to the mean variance of the features.
    ///   - own: the last features have an absolute ridge of their own, and the mean variance is that of the others.
    ///   - known: G, if the caller has computed it.
    /// - Returns: weights, targets x features, and an offset for each target; nil if there is no finite
    ///   solution.
    package func solve(
        prior: Matrix, ridge: Double, own: (count: Int, ridge: Double)? = nil,
        covariance known: Matrix? = nil, _ workers: Workers
    ) -> (weights: Matrix, offsets: [Double])? {
        guard rows > 0 else { return nil }
        let n = Double(rows)
        let (meanA, meanT) = (featureMeans, targetMeans)
        guard meanA.allSatisfy(\.isFinite), meanT.allSatisfy(\.isFinite) else { return nil }
        let g = known ?? covariance(workers)
        var d = cross
        addWaiting(toCross: &d, workers)
        for row in 0..<features {
            for column in 0..<targets {
                d[row, column] = (d[row, column] - featureSums[row] / n * targetSums[column]) / n
            }
        }
        let explained = g.times(prior.transposed, workers)
        for index in d.values.indices { d.values[index] -= explained.values[index] }
        var weights = prior
        if g.meanDiagonal > 0 {
            var solution: Matrix?
            var factor = ridge
            let shared = features - (own?.count ?? 0)
            let variance = (0..<shared).reduce(0) { $0 + g[$1, $1] } / Double(max(1, shared))
            while solution == nil, factor <= 1 {
                let ridges = (0..<features).map { $0 < shared ? factor * variance : own?.ridge ?? 0 }
                solution = Cholesky.solve(g, ridges: ridges, d, workers)
                factor *= 10
            }
            guard let solution else { return nil }
            for row in 0..<targets {
                for column in 0..<features { weights[row, column] += solution[column, row] }
            }
        }
        let offsets = (0..<targets).map { row in
            (0..<features).reduce(meanT[row]) { $0 - weights[row, $1] * meanA[$1] }
        }
        return (weights, offsets)
    }
}
