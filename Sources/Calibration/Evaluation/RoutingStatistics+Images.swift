import GraphIR
import Runtime

extension RoutingStatistics {
    /// Runs a network on images and counts what its routers choose.
    ///
    /// - Parameters:
    ///   - graph: a network whose first output is scores [n, classes]. Without labels, the index of the
    ///     largest score is taken as the class.
    ///   - labels: the class of each image.
    ///   - progress: called with the share that is done.
    /// - Throws: `CalibrationError` for a network that does not take images; any error of running it.
    public mutating func count(
        _ graph: Graph, images: any CalibrationImages, labels: [Int]?, threads: Int,
        limits: RunLimits = RunLimits(), progress: (Double) -> Void = { _ in }
    ) throws {
        let inputs = try NetworkInputs(graph, images)
        let session = try Session(
            graph, options: SessionOptions(threads: threads, taps: taps, limits: limits))
        for indices in Evaluation.batches(images.count, fixed: inputs.format.batch) {
            progress(Double(indices.lowerBound) / Double(max(1, images.count)))
            let values = try session.run(try inputs.named(Array(indices), in: 0..<images.count))
            try add(values, labels: labels.map { labels in indices.map { labels[$0] } })
        }
    }

    /// Counts a run.
    ///
    /// - Parameters:
    ///   - values: the graph's outputs, then the taps.
    ///   - labels: the class of each input; nil to take the index of the first output's largest element.
    public mutating func add(_ values: [(name: String, tensor: Tensor)], labels: [Int]?) throws {
        try add(
            Dictionary(values.map { ($0.name, $0.tensor) }) { first, _ in first },
            labels: labels ?? values.first?.tensor.placesOfLargest)
    }
}

extension Tensor {
    /// The index of each sample's largest element; nil if there are none, or they are not numbers.
    fileprivate var placesOfLargest: [Int]? {
        guard let batch = shape.first, batch > 0, elementCount > 0, let numbers = doubles else { return nil }
        let size = elementCount / batch
        return (0..<batch).map { sample in
            numbers[(sample * size)..<((sample + 1) * size)].placeOfLargest ?? 0
        }
    }
}
