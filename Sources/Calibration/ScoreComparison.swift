import GraphIR

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// How the scores of two networks compare, sample by sample.
public struct ScoreComparison: Sendable {
    /// The number of samples compared.
    public private(set) var samples = 0
    /// Samples for which both networks have the largest score at the same index.
    public private(set) var agreeing = 0
    /// The sum over the samples of the cosine between both scores, each rounded to a multiple of 2^-32, in units of
    /// 2^-32: sums of parts add up to the sum of all samples. A cosine that is no number counts as 0.
    public private(set) var cosineSum = 0
    private var squaredDistance = 0.0
    private var squaredNorm = 0.0
    private var divergenceSum = 0.0
    /// Whether every sample holds one score for each of several classes.
    private var holdsClasses = true

    /// A comparison without samples.
    public init() {}

    /// Adds samples: [n, ...] of both networks.
    public mutating func add(_ scores: Tensor, reference: Tensor) throws {
        let count = scores.shape.first ?? 0
        let size = count > 0 ? scores.elementCount / count : 0
        guard size > 0, reference.shape == scores.shape else { return }
        if size < 2 || scores.shape.dropFirst(2).contains(where: { $0 != 1 }) { holdsClasses = false }
        try scores.withElements(of: Float.self) { mine in
            try reference.withElements(of: Float.self) { theirs in
                for sample in 0..<count {
                    let range = (sample * size)..<((sample + 1) * size)
                    add(mine[range], theirs[range])
                }
            }
        }
    }

    private mutating func add(
        _ scores: Slice<UnsafeBufferPointer<Float>>, _ reference: Slice<UnsafeBufferPointer<Float>>
    ) {
        var (dot, mine, theirs) = (0.0, 0.0, 0.0)
        for (a, b) in zip(scores, reference) {
            dot += Double(a) * Double(b)
            mine += Double(a) * Double(a)
            theirs += Double(b) * Double(b)
            squaredDistance += (Double(a) - Double(b)) * (Double(a) - Double(b))
        }
        squaredNorm += theirs
        if holdsClasses { divergenceSum += ScoreComparison.divergence(of: scores, from: reference) }
        let product = (mine * theirs).squareRoot()
        let cosine = product > 0 ? dot / product : (mine == theirs ? 1 : 0)
        if cosine.isFinite { cosineSum += Int((cosine * ScoreComparison.cosineUnit).rounded()) }
        if scores.placeOfLargest == reference.placeOfLargest { agreeing += 1 }
        samples += 1
    }

    /// The share of samples for which both networks have the largest score at the same index.
    public var agreement: Double { samples > 0 ? Double(agreeing) / Double(samples) : 1 }
    /// ||scores - reference||^2 / ||reference||^2 over all samples.
    public var relativeError: Double { squaredNorm > 0 ? squaredDistance / squaredNorm : squaredDistance }
    /// The mean over the samples of the Kullback-Leibler divergence of the softmax of the scores from that of the
    /// reference, in nats; `relativeError` unless a sample holds one score for each of several classes.
    public var divergence: Double {
        holdsClasses ? divergenceSum / Double(max(1, samples)) : relativeError
    }

    /// Σ p log(p / q) with p = softmax(reference), q = softmax(scores).
    private static func divergence(
        of scores: Slice<UnsafeBufferPointer<Float>>, from reference: Slice<UnsafeBufferPointer<Float>>
    ) -> Double {
        let (p, q) = (logSoftmax(reference), logSoftmax(scores))
        return zip(p, q).reduce(0) { $0 + exp($1.0) * ($1.0 - $1.1) }
    }

    private static func logSoftmax(_ scores: Slice<UnsafeBufferPointer<Float>>) -> [Double] {
        let largest = Double(scores.max() ?? 0)
        let sum = scores.reduce(0) { $0 + exp(Double($1) - largest) }
        return scores.map { Double($0) - largest - log(sum) }
    }

    /// The mean over the samples of the cosine between both scores; 1 without samples.
    public var meanCosine: Double { ScoreComparison.mean(ofCosines: cosineSum, samples: samples) }

    /// The fractional bits of a sum of cosines.
    static let cosineBits = 32
    private static let cosineUnit = Double(1 << cosineBits)

    static func mean(ofCosines sum: Int, samples: Int) -> Double {
        samples > 0 ? Double(sum) / cosineUnit / Double(samples) : 1
    }
}

extension Calibration.Comparison {
    /// The comparison of outputs of two networks.
    package init(_ scores: ScoreComparison, isHeldOut: Bool) {
        self.init(
            isOfOutput: true, samples: scores.samples, isHeldOut: isHeldOut, agreement: scores.agreement,
            cosine: scores.meanCosine, error: scores.relativeError, divergence: scores.divergence)
    }
}

extension Collection where Element: Comparable {
    /// The index of the largest element; the first of equal ones.
    var placeOfLargest: Int? {
        indices.max { self[$0] < self[$1] }.map { distance(from: startIndex, to: $0) }
    }
}
