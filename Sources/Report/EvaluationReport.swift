import Calibration
import GraphIR
import MixtureOfDepths

/// The results of several models on the same images, or on a part of them.
public struct EvaluationReport: JSONDocument, Decodable, Sendable {
    public static let schema = "evaluation/1"

    /// The results of one model.
    public struct Model: Codable, Sendable {
        let model: String
        let macs: Int
        /// The median time of one run of one image by this tool's engine; nil unless it was asked for.
        public var milliseconds: Double?
        let topOne: Double?
        /// The 95% interval of top-1 (Wilson).
        let topOneInterval: [Double]?
        let topFive: Double?
        /// The agreement with the first model.
        let agreement: Double
        let meanCosine: Double
        /// McNemar's test against the first model; nil for the first, and without labels.
        let comparison: Comparison?
        /// What all these figures are computed from.
        let counts: EvaluationCounts

        /// The figures of one model; those that need labels are nil without.
        public init(model: String, macs: Int, isFirst: Bool, _ counts: EvaluationCounts) {
            self.model = model
            self.macs = macs
            self.counts = counts
            topOne = counts.topOneShare?.share
            topOneInterval = counts.topOneShare.map { [$0.interval.lowerBound, $0.interval.upperBound] }
            topFive = counts.topFiveShare?.share
            agreement = counts.agreement.share
            meanCosine = counts.meanCosine
            comparison = isFirst ? nil : counts.comparison.map(Comparison.init)
        }
    }

    /// A model next to the first, on the same images.
    struct Comparison: Codable, Sendable {
        /// Samples that only the first model gets right, and those that only this one does.
        let onlyFirst: Int
        let onlyThis: Int
        let probability: Double
        let isTie: Bool

        fileprivate init(_ test: McNemar) {
            onlyFirst = test.onlyFirst
            onlyThis = test.onlySecond
            probability = test.probability
            isTie = test.isTie
        }
    }

    /// A part of the images, and what tells whether two parts are of the same evaluation.
    public struct Shard: Codable, Sendable {
        let index: Int
        let count: Int
        /// The number of images of all parts together.
        let images: Int
        let identity: Identity

        /// The part of an evaluation of so many images.
        public init(_ part: ImagePart, images: Int, identity: Identity) {
            index = part.index
            count = part.count
            self.images = images
            self.identity = identity
        }
    }

    /// The contents of all that an evaluation reads, and how it reads the images.
    public struct Identity: Codable, Sendable, Equatable {
        /// The SHA-256 of each model's file.
        let models: [String]
        /// The SHA-256 of the data, or of the names of their files.
        let data: String
        /// The SHA-256 of the labels; nil without.
        let labels: String?
        /// The options of images that differ from the usual ones; nil if none does.
        let preprocessing: CalibrationData.Preprocessing?

        /// The hashes, and the options of images.
        public init(
            models: [String], data: String, labels: String?, preprocessing: CalibrationData.Preprocessing
        ) {
            self.models = models
            self.data = data
            self.labels = labels
            self.preprocessing = preprocessing.isEmpty ? nil : preprocessing
        }
    }

    /// The images, as the user named them.
    public let data: String
    /// The number of images.
    public let samples: Int
    /// The models in the user's order; all are compared with the first.
    public let models: [Model]
    /// A sentence on a change to the images that can be seen in them; nil if there was none.
    public let note: String?
    /// The part of the images that these results are of; nil for all.
    public let shard: Shard?

    /// A report of these models.
    public init(data: String, models: [Model], note: String? = nil, shard: Shard? = nil) {
        self.data = data
        self.samples = models.first?.counts.samples ?? 0
        self.models = models
        self.note = note
        self.shard = shard
    }

    /// The text that the command prints.
    public var text: String {
        let isLabelled = models.contains { $0.topOne != nil }
        let isTimed = models.contains { $0.milliseconds != nil }
        let topFive = isTimed ? 5 : 4
        var table = TextTable(
            [("model", .left), ("MACs", .right)] + (isTimed ? [("ms", .right)] : [])
                + (isLabelled ? [("top-1", .right), ("95% interval", .left), ("top-5", .right)] : [])
                + [("agreement", .right), ("cosine", .right)],
            droppable: isLabelled ? [topFive, topFive + 2] : [])
        for model in models {
            var row = [model.model, Quantity.count(model.macs)]
            if isTimed { row.append(model.milliseconds.map { Quantity.fixed($0, decimals: 2) } ?? "") }
            if isLabelled {
                row += [percent(model.topOne), interval(model.topOneInterval), percent(model.topFive)]
            }
            row += [percent(model.agreement), Quantity.fixed(model.meanCosine, decimals: 4)]
            table.add(row)
        }
        var facts = FactList()
        facts.add("data", "\(data), \(samples) images")
        if let shard { facts.add("part", "\(shard.index) of \(shard.count), of \(shard.images) images") }
        facts.add("agreement", "of the largest score's place with the first model's")
        if isLabelled {
            for (index, model) in models.dropFirst().enumerated() {
                facts.add(index == 0 ? "against first" : "", "\(model.model): \(verdict(model))")
            }
            facts.add("tie", "McNemar's exact test gives p of at least 0.05")
        }
        if isTimed { facts.add("ms", "median time of one image by this tool's engine, the models in turn") }
        if let note { facts.add("note", note) }
        return table.text + facts.text
    }

    private func percent(_ share: Double?) -> String {
        share.map { Quantity.fixed(100 * $0, decimals: 2) + " %" } ?? ""
    }

    private func interval(_ bounds: [Double]?) -> String {
        bounds.map { $0.map { Quantity.fixed(100 * $0, decimals: 2) }.joined(separator: " to ") } ?? ""
    }

    private func verdict(_ model: Model) -> String {
        guard let comparison = model.comparison, let first = models.first?.topOne, let own = model.topOne
        else { return "" }
        let points = Quantity.fixed(100 * (own - first), decimals: 2)
        let sign = own > first ? "+" : ""
        let chance = "p = \(Quantity.figure(comparison.probability))"
        return comparison.isTie ? "tie (\(sign)\(points), \(chance))" : "\(sign)\(points) points (\(chance))"
    }
}
