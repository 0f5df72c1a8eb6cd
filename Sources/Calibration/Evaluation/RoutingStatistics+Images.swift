import GraphIR
import Runtime

extension RoutingStatistics {
    /// Runs a network on images and counts what its routers choose.
    ///
    /// - Parameters:
    ///   - graph: whose first output are scores [n, classes]: where there are no labels, the place of the largest
    ///     is taken as the class.
    ///   - labels: the class of each image.
    ///   - progress: told the share that is done.
    /// - Throws: `CalibrationError` for a network that does not take images; what running it throws.
    public mutating func count(
        _ graph: Graph, images: any CalibrationImages, labels: [Int]?, threads: Int,
        limits: RunLimits = RunLimits(), progress: (Double) -> Void = { _ in }
    ) throws {
        let format = try ImageFormat(graph)
        let input = graph.requiredInputs.first.map { graph[$0].name } ?? ""
        let session = try Session(
            graph, options: SessionOptions(threads: threads, taps: taps, limits: limits))
        for indices in Evaluation.batches(images.count, fixed: format.batch) {
            progress(Double(indices.lowerBound) / Double(max(1, images.count)))
            let values = try session.run([input: images.batch(Array(indices))])
            try add(values, labels: labels.map { labels in indices.map { labels[$0] } })
        }
    }

    /// Counts a run.
    ///
    /// - Parameters:
    ///   - values: the graph's outputs, then the taps.
    ///   - labels: the class of each input; nil to take the place of the first output's largest element.
    public mutating func add(_ values: [(name: String, tensor: Tensor)], labels: [Int]?) throws {
        try add(
            Dictionary(values.map { ($0.name, $0.tensor) }) { first, _ in first },
            labels: labels ?? values.first?.tensor.placesOfLargest)
    }
}

extension Tensor {
    /// For each sample the place of its largest element; nil if there are none, or no numbers.
    fileprivate var placesOfLargest: [Int]? {
        guard let batch = shape.first, batch > 0, elementCount > 0, let numbers = doubles else { return nil }
        let size = elementCount / batch
        return (0..<batch).map { sample in
            numbers[(sample * size)..<((sample + 1) * size)].placeOfLargest ?? 0
        }
    }
}
