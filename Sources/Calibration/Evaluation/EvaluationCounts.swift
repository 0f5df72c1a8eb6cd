/// The sums over a model's scores on images.
///
/// All are whole numbers, so that the counts of several parts of the images add up to those of all images, to the last
/// digit and in any order.
public struct EvaluationCounts: Sendable, Equatable, Codable {
    /// The images that the model was run on.
    public private(set) var samples = 0
    /// Images of which the first model predicts the same class.
    public private(set) var agreeing = 0
    /// The sum of the cosines between the scores and the first model's, as `ScoreComparison.cosineSum`.
    public private(set) var cosineSum = 0
    /// Images whose class is predicted; nil without labels.
    public private(set) var right: Int?
    /// Images whose class has one of the five highest scores; nil without labels, and for fewer than six classes.
    public private(set) var topFive: Int?
    /// Images of which only the first model predicts the class; nil without labels.
    public private(set) var onlyFirst: Int?
    /// Images of which only this model predicts the class; nil without labels.
    public private(set) var onlyThis: Int?

    /// The most images that counts may be of: the cosines of two such counts fit 64 bits together.
    public static let most = (1 << 30) - 1

    /// Counts of no images.
    init() {}

    /// The counts of both; nil if only one of them has labels, or if they cannot be counts.
    public func adding(_ other: EvaluationCounts) -> EvaluationCounts? {
        guard arePossible, other.arePossible else { return nil }
        func sum(_ member: KeyPath<EvaluationCounts, Int?>) -> Int?? {
            switch (self[keyPath: member], other[keyPath: member]) {
            case (let mine?, let theirs?): mine + theirs
            case (nil, nil): .some(nil)
            default: nil
            }
        }
        guard let right = sum(\.right), let topFive = sum(\.topFive), let onlyFirst = sum(\.onlyFirst),
            let onlyThis = sum(\.onlyThis)
        else { return nil }
        var both = EvaluationCounts()
        both.samples = samples + other.samples
        both.agreeing = agreeing + other.agreeing
        both.cosineSum = cosineSum + other.cosineSum
        (both.right, both.topFive, both.onlyFirst, both.onlyThis) = (right, topFive, onlyFirst, onlyThis)
        return both.arePossible ? both : nil
    }

    /// Whether no count is larger than that of the images, as it may be in a file.
    public var arePossible: Bool {
        guard (0...EvaluationCounts.most).contains(samples) else { return false }
        let limit = samples << ScoreComparison.cosineBits
        return (-limit...limit).contains(cosineSum)
            && [agreeing, right, topFive, onlyFirst, onlyThis].compactMap { $0 }.allSatisfy(
                (0...samples).contains)
    }

    /// Nil without labels.
    public var topOneShare: Proportion? { right.map { Proportion(hits: $0, samples: samples) } }
    /// Nil without labels, and for fewer than six classes.
    public var topFiveShare: Proportion? { topFive.map { Proportion(hits: $0, samples: samples) } }
    /// The agreement with the first model.
    public var agreement: Proportion { Proportion(hits: agreeing, samples: samples) }
    /// The mean cosine between the scores and the first model's, over the samples.
    public var meanCosine: Double { ScoreComparison.mean(ofCosines: cosineSum, samples: samples) }
    /// The test against the first model; nil without labels.
    public var comparison: McNemar? {
        guard let onlyFirst, let onlyThis else { return nil }
        return McNemar(onlyFirst: onlyFirst, onlySecond: onlyThis)
    }
}

extension EvaluationCounts {
    /// Adds samples, and what the comparison of their scores with the first model's found.
    mutating func add(samples: Int, _ comparison: ScoreComparison) {
        self.samples += samples
        agreeing += comparison.agreeing
        cosineSum += comparison.cosineSum
    }

    /// Adds what the class of a sample says, which is counted already.
    ///
    /// - Parameters:
    ///   - isRight: whether this model predicts it, and whether the first one does.
    ///   - isAmongFive: whether its score is one of the five highest; nil for fewer than six classes.
    mutating func add(isRight: (own: Bool, first: Bool), isAmongFive: Bool?) {
        right = (right ?? 0) + (isRight.own ? 1 : 0)
        onlyFirst = (onlyFirst ?? 0) + (isRight.first && !isRight.own ? 1 : 0)
        onlyThis = (onlyThis ?? 0) + (isRight.own && !isRight.first ? 1 : 0)
        if let isAmongFive { topFive = (topFive ?? 0) + (isAmongFive ? 1 : 0) }
    }
}
