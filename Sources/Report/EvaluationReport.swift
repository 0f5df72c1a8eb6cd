import GraphIR

/// The results of several models on the same images.
public struct EvaluationReport: JSONDocument, Sendable {
    public static let schema = "evaluation/1"

    /// The results of one model.
    public struct Model: Encodable, Sendable {
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

        /// The figures of one model; those that need labels are nil without.
        public init(
            model: String, macs: Int, topOne: Double?, topOneInterval: ClosedRange<Double>?, topFive: Double?,
            agreement: Double, meanCosine: Double, comparison: Comparison?
        ) {
            self.model = model
            self.macs = macs
            self.topOne = topOne
            self.topOneInterval = topOneInterval.map { [$0.lowerBound, $0.upperBound] }
            self.topFive = topFive
            self.agreement = agreement
            self.meanCosine = meanCosine
            self.comparison = comparison
        }
    }

    /// A model next to the first, on the same images.
    public struct Comparison: Encodable, Sendable {
        /// Samples that only the first model gets right, and those that only this one does.
        let onlyFirst: Int
        let onlyThis: Int
        let probability: Double
        let isTie: Bool

        /// McNemar's counts and their result.
        public init(onlyFirst: Int, onlyThis: Int, probability: Double, isTie: Bool) {
            self.onlyFirst = onlyFirst
            self.onlyThis = onlyThis
            self.probability = probability
            self.isTie = isTie
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

    /// A report of these models.
    public init(data: String, samples: Int, models: [Model], note: String? = nil) {
        self.data = data
        self.samples = samples
        self.models = models
        self.note = note
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
