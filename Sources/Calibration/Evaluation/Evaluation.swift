import GraphIR
import Runtime

/// The results of several models on the same images.
public struct Evaluation: Sendable {
    /// One model's results.
    public struct Result: Sendable {
        /// The index of the largest score, by sample.
        public fileprivate(set) var predictions: [Int] = []
        /// Whether the prediction is the label, by sample; empty without labels.
        public fileprivate(set) var isRight: [Bool] = []
        fileprivate var topFiveHits = 0
        fileprivate var comparison = ScoreComparison()

        /// The number of images that the model was run on.
        public var samples: Int { predictions.count }
        /// Nil without labels.
        public var topOne: Proportion? {
            isRight.isEmpty ? nil : Proportion(hits: isRight.count { $0 }, samples: samples)
        }
        /// Nil without labels, and for fewer than six classes.
        public fileprivate(set) var topFive: Proportion?
        /// The agreement with the first model.
        public var agreement: Proportion {
            Proportion(hits: comparison.agreeing, samples: comparison.samples)
        }
        /// The mean cosine between the scores and the first model's, over the samples.
        public var meanCosine: Double { comparison.meanCosine }
    }

    /// One for each model, in their order.
    public let results: [Result]

    /// Runs all models on all images.
    ///
    /// - Parameters:
    ///   - graphs: networks whose first outputs are scores [n, classes]; all take images of one format.
    ///   - labels: the class of each image.
    ///   - progress: called with the share that is done.
    /// - Throws: `CalibrationError` if the models take different images; any error of running them.
    public init(
        _ graphs: [Graph], images: any CalibrationImages, labels: [Int]?, threads: Int,
        limits: RunLimits = RunLimits(), progress: (Double) -> Void = { _ in }
    ) throws {
        let formats = try graphs.map { try ImageFormat($0) }
        for format in formats where !format.takesSameImages(as: formats[0]) {
            throw CalibrationError.imageShape(
                expected: format.description, found: formats[0].description)
        }
        let sessions = try graphs.map {
            try Session($0, options: SessionOptions(threads: threads, limits: limits))
        }
        let names = graphs.map { graph in
            (
                input: graph.requiredInputs.first.map { graph[$0].name } ?? "",
                output: graph.outputs.first.map { graph[$0].name } ?? ""
            )
        }
        var results = graphs.map { _ in Result() }
        for range in Evaluation.batches(images.count, fixed: formats.compactMap(\.batch).first) {
            progress(Double(range.lowerBound) / Double(max(1, images.count)))
            let indices = Array(range)
            let input = try images.batch(indices)
            var reference: Tensor?
            for model in graphs.indices {
                let outputs = try sessions[model].run([names[model].input: input])
                guard let scores = outputs.first(where: { $0.name == names[model].output })?.tensor,
                    scores.elementType == .float32, scores.shape.first == indices.count
                else { throw CalibrationError.notComparable(names[model].output) }
                try results[model].add(
                    scores, reference: reference ?? scores,
                    labels.map { labels in
                        indices.map { labels[$0] }
                    })
                if reference == nil { reference = scores }
            }
        }
        self.results = results
    }

    /// The images of each batch. A fixed batch has to be full, so the last images may be left out.
    static func batches(_ count: Int, fixed: Int?) -> [Range<Int>] {
        let size = fixed ?? 32
        let end = fixed == nil ? count : count / size * size
        return stride(from: 0, to: end, by: size).map { $0..<min($0 + size, count) }
    }
}

extension Evaluation.Result {
    fileprivate mutating func add(_ scores: Tensor, reference: Tensor, _ labels: [Int]?) throws {
        try comparison.add(scores, reference: reference)
        let size = scores.elementCount / max(1, scores.shape[0])
        try scores.withElements(of: Float.self) { elements in
            for sample in 0..<scores.shape[0] {
                let row = elements[(sample * size)..<((sample + 1) * size)]
                let best = row.placeOfLargest ?? 0
                predictions.append(best)
                guard let label = labels?[sample] else { continue }
                isRight.append(best == label)
                guard (0..<size).contains(label) else { continue }
                let own = row[row.startIndex + label]
                if row.count(where: { $0 > own }) < 5 { topFiveHits += 1 }
            }
        }
        if labels != nil, size > 5 { topFive = Proportion(hits: topFiveHits, samples: samples) }
    }
}
