import Calibration
import GraphIR
import Operators
import Runtime

/// Measures the numbers of all values that become bytes, in the float network.
struct RangeMeasurement {
    let graph: Graph
    let values: [(value: ValueID, group: ValueID)]
    let options: QuantizationOptions

    /// The numbers of each group, by the value that leads it; chunk by chunk, each run through the whole network.
    ///
    /// - Parameter chunks: by chunk, what the network's inputs take.
    /// - Throws: `QuantizationError.notFinite`; any error of running the network.
    func histograms(
        _ chunks: [[Tensor]], progress: (Double) -> Void
    ) throws -> [ValueID: MagnitudeHistogram] {
        let inputs = graph.requiredInputs.map { graph[$0].name }
        let taps = values.map(\.value).filter { graph[$0].definition != .input }
        let session = try Session(
            graph.taking(outputs: taps),
            options: SessionOptions(threads: options.threads, limits: options.limits))
        var histograms: [ValueID: MagnitudeHistogram] = [:]
        for (index, chunk) in chunks.enumerated() {
            progress(Double(index) / Double(max(1, chunks.count)))
            let given = Dictionary(zip(inputs, chunk), uniquingKeysWith: { first, _ in first })
            let tensors = try session.run(given).reduce(into: given) { $0[$1.name] = $1.tensor }
            for (value, group) in values {
                guard let tensor = tensors[graph[value].name] else { continue }
                try histograms[group, default: MagnitudeHistogram()].add(tensor)
                guard histograms[group]?.isFinite == true else {
                    throw QuantizationError.notFinite(graph[value].name)
                }
            }
        }
        return histograms
    }
}

extension Graph {
    /// The graph with other outputs.
    fileprivate func taking(outputs: [ValueID]) throws -> Graph {
        var edit = GraphEdit(self)
        for value in outputs where !self[value].isGraphOutput { edit.addOutput(value) }
        return try ShapeInference.infer(try edit.commit())
    }
}
