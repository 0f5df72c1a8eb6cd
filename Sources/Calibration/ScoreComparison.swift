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
    /// The meaning of a sample's scores; nil without samples.
    public private(set) var kind: OutputKind?
    /// Of maps: the pixels compared, and those of which both networks have the largest score in the same channel.
    private var pixels = 0
    private var agreeingPixels = 0

    /// A comparison without samples.
    public init() {}

    /// Adds samples: [n, ...] of both networks.
    public mutating func add(_ scores: Tensor, reference: Tensor) throws {
        let count = scores.shape.first ?? 0
        let size = count > 0 ? scores.elementCount / count : 0
        guard size > 0, reference.shape == scores.shape else { return }
        let kind = OutputKind(scores.shape)
        self.kind = self.kind == nil || self.kind == kind ? kind : .values
        let classes = kind == .values ? 1 : scores.shape[1]
        try scores.withElements(of: Float.self) { mine in
            try reference.withElements(of: Float.self) { theirs in
                for sample in 0..<count {
                    let range = (sample * size)..<((sample + 1) * size)
                    add(mine[range], theirs[range])
                    addClasses(mine[range], theirs[range], classes)
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
        let product = (mine * theirs).squareRoot()
        let cosine = product > 0 ? dot / product : (mine == theirs ? 1 : 0)
        if cosine.isFinite { cosineSum += Int((cosine * ScoreComparison.cosineUnit).rounded()) }
        if scores.placeOfLargest == reference.placeOfLargest { agreeing += 1 }
        samples += 1
    }

    /// Adds what the scores say of classes, one after the other at a distance of all pixels of a map.
    private mutating func addClasses(
        _ scores: Slice<UnsafeBufferPointer<Float>>, _ reference: Slice<UnsafeBufferPointer<Float>>,
        _ classes: Int
    ) {
        guard classes > 1 else { return }
        let area = scores.count / classes
        var divergence = 0.0
        for pixel in 0..<area {
            let mine = PixelScores(scores: scores, pixel: pixel, area: area)
            let theirs = PixelScores(scores: reference, pixel: pixel, area: area)
            divergence += ScoreComparison.divergence(of: mine, from: theirs)
            if kind == .map, mine.placeOfLargest == theirs.placeOfLargest { agreeingPixels += 1 }
        }
        if kind == .map { pixels += area }
        divergenceSum += divergence / Double(max(1, area))
    }

    /// The share of samples for which both networks have the largest score at the same index; of maps, the share of
    /// pixels for which both have it in the same channel.
    public var agreement: Double {
        if kind == .map, pixels > 0 { return Double(agreeingPixels) / Double(pixels) }
        return samples > 0 ? Double(agreeing) / Double(samples) : 1
    }
    /// ||scores - reference||^2 / ||reference||^2 over all samples.
    public var relativeError: Double { squaredNorm > 0 ? squaredDistance / squaredNorm : squaredDistance }
    /// The mean over the samples, and the pixels of maps, of the Kullback-Leibler divergence of the classes' probabilities
    /// from the reference's, in nats; of other values, 1 minus the mean cosine.
    public var divergence: Double {
        kind == .values ? 1 - meanCosine : divergenceSum / Double(max(1, samples))
    }

    /// Σ p log(p / q), p being the reference's probabilities and q those of the scores: their softmax, or the scores
    /// themselves if the reference's are probabilities.
    private static func divergence(of scores: PixelScores, from reference: PixelScores) -> Double {
        let areProbabilities =
            reference.allSatisfy { $0 >= 0 } && abs(reference.reduce(0) { $0 + Double($1) } - 1) < 1e-3
        let (p, q) = (reference.logarithms(areProbabilities), scores.logarithms(areProbabilities))
        return zip(reference, scores).reduce(0) { $0 + exp(p($1.0)) * (p($1.0) - q($1.1)) }
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

/// The scores of one pixel's classes, which lie at a distance of all pixels of the map.
private struct PixelScores: RandomAccessCollection {
    let scores: Slice<UnsafeBufferPointer<Float>>
    let pixel: Int
    let area: Int

    var startIndex: Int { 0 }
    var endIndex: Int { scores.count / area }
    subscript(position: Int) -> Float { scores[scores.startIndex + position * area + pixel] }

    /// The logarithm of the probability that a score stands for: its own, 0 counting as 1e-12, or that of the softmax.
    func logarithms(_ areProbabilities: Bool) -> (Float) -> Double {
        if areProbabilities { return { log(Swift.max(Double($0), 1e-12)) } }
        let largest = Double(self.max() ?? 0)
        let sum = log(reduce(0) { $0 + exp(Double($1) - largest) })
        return { Double($0) - largest - sum }
    }
}

extension Calibration.Comparison {
    /// The comparison of outputs of two networks.
    package init(_ scores: ScoreComparison, isHeldOut: Bool) {
        self.init(
            isOfOutput: true, kind: scores.kind ?? .values, samples: scores.samples, isHeldOut: isHeldOut,
            agreement: scores.agreement, cosine: scores.meanCosine, error: scores.relativeError,
            divergence: scores.divergence)
    }
}

/// The meaning of an output for each sample, as far as its shape tells.
public enum OutputKind: String, Sendable, Encodable {
    /// One score for each of several classes, [n, C] or [n, C, 1, 1]. Embeddings look the same.
    case classes
    /// Scores of several classes at each pixel, [n, C, H, W].
    case map
    /// Anything else: boxes, sequences, a single number.
    case values

    init(_ shape: [Int]) {
        let positions = shape.dropFirst(2).reduce(1, *)
        let holdsClasses = shape.count >= 2 && shape[1] > 1
        self = holdsClasses && positions == 1 ? .classes : holdsClasses && shape.count == 4 ? .map : .values
    }
}

extension Collection where Element: Comparable {
    /// The index of the largest element; the first of equal ones.
    var placeOfLargest: Int? {
        indices.max { self[$0] < self[$1] }.map { distance(from: startIndex, to: $0) }
    }
}
