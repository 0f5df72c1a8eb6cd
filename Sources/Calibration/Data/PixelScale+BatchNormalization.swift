import GraphIR
import Runtime

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

extension PixelScale {
    /// The scale at which images reproduce the statistics stored in the network's first BatchNormalization.
    ///
    /// The operators before it are affine: y(s x + a) = y(0) + s L(x) + Σ a_c L(1_c) over the channels c. The
    /// factor s makes the variances agree (geometric mean over the outputs o); the offsets a are the
    /// least-squares solution of
    ///
    ///     mean_o = y_o(0) + s mean L_o(x) + Σ_c a_c L_o(1_c),   each weighted by 1 / variance_o
    ///
    /// - Parameters:
    ///   - graph: a graph whose BatchNormalization is not folded.
    ///   - images: brightness from 0 to 1; all are used.
    /// - Returns: nil unless a BatchNormalization with constant statistics follows the input through affine
    ///   operators.
    public static func fitted(
        to graph: Graph, brightness images: any CalibrationImages, threads: Int
    ) throws -> PixelScale? {
        guard let stem = AffineStem(graph) else { return nil }
        let format = try ImageFormat(graph)
        let session = try stem.session(graph, threads: threads)
        // The response to an image without content, and to each channel at 1.
        var probes = [[Double]]()
        for lit in [nil] + (0..<format.channels).map(Optional.init) {
            let image = try Tensor(shape: format.shape(1), of: Float.self) { elements in
                elements.update(repeating: 0)
                for row in 0..<format.height {
                    for column in 0..<format.width {
                        guard let lit else { continue }
                        elements[format.place(channel: lit, row: row, column: column)] = 1
                    }
                }
            }
            probes.append(try stem.moments(session.run(["x": image])[0]).means)
        }
        var moments = StemMoments(count: stem.means.count)
        for start in stride(from: 0, to: images.count, by: 16) {
            let batch = try images.batch(Array(start..<min(start + 16, images.count)))
            moments.add(try stem.moments(session.run(["x": batch])[0]))
        }
        return solve(stem, base: probes[0], units: Array(probes.dropFirst()), moments)
    }

    private static func solve(
        _ stem: AffineStem, base: [Double], units: [[Double]], _ moments: StemMoments
    ) -> PixelScale? {
        let usable = stem.means.indices.filter {
            stem.variances[$0] > 0 && moments.variance($0) > 0 && stem.means[$0].isFinite
        }
        guard !usable.isEmpty else { return nil }
        let logarithms = usable.map { log(stem.variances[$0] / moments.variance($0)) }
        let factor = exp(logarithms.reduce(0, +) / Double(usable.count) / 2)
        var normal = Matrix(rows: units.count, columns: units.count)
        var right = Matrix(rows: units.count, columns: 1)
        for output in usable {
            let weight = 1 / stem.variances[output]
            let residual = stem.means[output] - base[output] - factor * (moments.mean(output) - base[output])
            for row in units.indices {
                let response = units[row][output] - base[output]
                right[row, 0] += weight * response * residual
                for column in units.indices {
                    normal[row, column] += weight * response * (units[column][output] - base[output])
                }
            }
        }
        guard factor.isFinite, normal.meanDiagonal > 0,
            let offsets = Cholesky.solve(
                normal, ridge: 1e-6 * normal.meanDiagonal, right, Workers(count: 1))
        else { return nil }
        return PixelScale(
            factor: factor, mean: offsets.values.map(-), deviation: units.map { _ in 1 })
    }
}

/// The affine operators between a network's input and its first BatchNormalization.
private struct AffineStem {
    let nodes: [NodeID]
    let input: ValueID
    let output: ValueID
    /// The parameters of the BatchNormalization, by channel.
    let means: [Double]
    let variances: [Double]

    private static let affine: Set<String> = [
        "Conv", "Pad", "Transpose", "Identity", "Reshape", "Add", "Sub", "Mul", "Div", "AveragePool",
    ]

    init?(_ graph: Graph) {
        guard let input = graph.requiredInputs.first,
            let normalization = graph.order.first(where: { graph[$0].isOperator("BatchNormalization") }),
            let output = graph[normalization].input(0),
            let nodes = graph.nodes(behind: [output], stoppingAt: { $0 == input })?.nodes,
            nodes.allSatisfy({
                AffineStem.affine.contains(graph[$0].operatorType) && graph[$0].domain.isEmpty
            }),
            let means = graph.constant(graph[normalization].input(3))?.doubles,
            let variances = graph.constant(graph[normalization].input(4))?.doubles,
            means.count == variances.count, !means.isEmpty
        else { return nil }
        self.nodes = nodes.sorted(by: graph.places)
        self.input = input
        self.output = output
        self.means = means
        self.variances = variances
    }

    func session(_ graph: Graph, threads: Int) throws -> PartSession {
        var part = PartGraph(of: graph)
        try part.addInput("x", for: input)
        try part.copy(nodes)
        return try part.session(computing: [part.value(for: output)], threads: threads)
    }

    /// The moments of each channel of a response [n, channels, ...].
    func moments(_ response: Tensor) throws -> StemMoments {
        guard response.rank >= 2, response.shape[1] == means.count, let values = response.doubles else {
            throw CalibrationError.notComparable("the input of the first BatchNormalization")
        }
        var moments = StemMoments(count: means.count)
        moments.add(values, plane: response.shape[2...].reduce(1, *))
        return moments
    }
}

/// Sums of the responses and their squares, by channel.
private struct StemMoments {
    private var sums: [Double]
    private var squares: [Double]
    private var count = 0

    init(count: Int) {
        sums = [Double](repeating: 0, count: count)
        squares = sums
    }

    var means: [Double] { sums.indices.map(mean) }

    func mean(_ channel: Int) -> Double { sums[channel] / Double(max(1, count)) }

    func variance(_ channel: Int) -> Double {
        squares[channel] / Double(max(1, count)) - mean(channel) * mean(channel)
    }

    /// - Parameter values: [n, channels, plane].
    mutating func add(_ values: [Double], plane: Int) {
        for (group, start) in stride(from: 0, to: values.count, by: max(1, plane)).enumerated() {
            let channel = group % sums.count
            for index in start..<(start + plane) {
                sums[channel] += values[index]
                squares[channel] += values[index] * values[index]
            }
        }
        count += values.count / sums.count
    }

    mutating func add(_ other: StemMoments) {
        for channel in sums.indices {
            sums[channel] += other.sums[channel]
            squares[channel] += other.squares[channel]
        }
        count += other.count
    }
}
