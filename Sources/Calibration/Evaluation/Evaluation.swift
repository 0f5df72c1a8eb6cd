import GraphIR
import Runtime

/// The results of several models on the same images.
public struct Evaluation: Sendable {
    /// One for each model, in their order.
    public let results: [EvaluationCounts]
    /// The number of images that all parts together are run on.
    public let images: Int

    /// Runs all models on all images, or on a part of them.
    ///
    /// - Parameters:
    ///   - graphs: networks whose first outputs are scores [n, classes]; all take images of one format.
    ///   - labels: the class of each image.
    ///   - progress: called with the share that is done.
    /// - Throws: `CalibrationError` if the models take different images, or the part has none; any error of running
    ///   the models.
    public init(
        _ graphs: [Graph], images: any CalibrationImages, labels: [Int]?, part: ImagePart = .whole,
        threads: Int,
        limits: RunLimits = RunLimits(), progress: (Double) -> Void = { _ in }
    ) throws {
        let inputs = try graphs.map { try NetworkInputs($0, images) }
        let formats = inputs.map(\.format)
        for format in formats where !format.takesSameImages(as: formats[0]) {
            throw CalibrationError.imageShape(
                expected: format.description, found: formats[0].description)
        }
        let sessions = try graphs.map {
            try Session($0, options: SessionOptions(threads: threads, limits: limits))
        }
        let names = graphs.map { graph in graph.outputs.first.map { graph[$0].name } ?? "" }
        let all = Evaluation.batches(images.count, fixed: formats.compactMap(\.batch).first)
        let batches = part.batches(all)
        guard !batches.isEmpty || part == .whole else {
            throw CalibrationError.emptyPart(part.description, batches: all.count)
        }
        var results = graphs.map { _ in EvaluationCounts() }
        for (number, range) in batches.enumerated() {
            progress(Double(number) / Double(batches.count))
            let indices = Array(range)
            var reference: Tensor?
            for model in graphs.indices {
                let outputs = try sessions[model].run(
                    try inputs[model].named(indices, in: 0..<images.count))
                guard let result = outputs.first(where: { $0.name == names[model] })?.tensor,
                    let scores = try? result.casting(to: .float32), scores.shape.first == indices.count
                else { throw CalibrationError.notComparable(names[model]) }
                try results[model].add(
                    scores, reference: reference ?? scores,
                    labels.map { labels in indices.map { labels[$0] } })
                if reference == nil { reference = scores }
            }
        }
        self.results = results
        self.images = all.last?.upperBound ?? 0
    }

    /// The images of each batch. A fixed batch has to be full, so the last images may be left out.
    static func batches(_ count: Int, fixed: Int?) -> [Range<Int>] {
        let size = fixed ?? 32
        let end = fixed == nil ? count : count / size * size
        return stride(from: 0, to: end, by: size).map { $0..<min($0 + size, count) }
    }
}

extension EvaluationCounts {
    fileprivate mutating func add(_ scores: Tensor, reference: Tensor, _ labels: [Int]?) throws {
        let samples = scores.shape[0]
        var comparison = ScoreComparison()
        try comparison.add(scores, reference: reference)
        add(samples: samples, comparison)
        guard let labels, samples > 0 else { return }
        let (size, first) = (scores.elementCount / samples, try reference.predictions)
        try scores.withElements(of: Float.self) { elements in
            for (sample, label) in labels.enumerated() {
                let row = elements[(sample * size)..<((sample + 1) * size)]
                var isAmongFive = false
                if (0..<size).contains(label) {
                    let own = row[row.startIndex + label]
                    isAmongFive = row.count { $0 > own } < 5
                }
                add(
                    isRight: (row.placeOfLargest ?? 0 == label, first[sample] == label),
                    isAmongFive: size > 5 ? isAmongFive : nil)
            }
        }
    }
}

extension Tensor {
    /// The index of each sample's largest score.
    fileprivate var predictions: [Int] {
        get throws {
            let (count, size) = (shape[0], elementCount / max(1, shape[0]))
            return try withElements(of: Float.self) { elements in
                (0..<count).map { elements[($0 * size)..<(($0 + 1) * size)].placeOfLargest ?? 0 }
            }
        }
    }
}
