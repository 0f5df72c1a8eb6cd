import GraphIR

/// The outputs of a model.
public struct RunReport: Encodable, Sendable {
    public struct Output: Encodable, Sendable {
        let name: String
        let type: String
        let minimum: Double?
        let maximum: Double?
        let mean: Double?
        /// For each sample the classes of the highest scores, if the output looks like class scores.
        let top: [[Score]]?
    }

    public struct Score: Encodable, Sendable {
        let index: Int
        let score: Double
    }

    let outputs: [Output]

    public init(_ outputs: [(name: String, tensor: Tensor)]) {
        self.outputs = outputs.map { Output(name: $0.name, $0.tensor) }
    }

    public var text: String {
        var table = TextTable([
            ("output", .left), ("type", .left), ("min", .right), ("max", .right), ("mean", .right),
        ])
        for output in outputs {
            let figures = [output.minimum, output.maximum, output.mean]
            table.add([output.name, output.type] + figures.map { $0.map(Quantity.figure) ?? "" })
        }
        return ([table.text] + outputs.compactMap(\.topText)).joined(separator: "\n")
    }
}

extension RunReport.Output {
    /// Fewer classes or more samples than these are not ranked.
    private static let ranking = (leastClasses: 5, mostSamples: 16)

    fileprivate init(name: String, _ tensor: Tensor) {
        self.name = name
        type = tensor.type.description
        let values = tensor.floats?.map(Double.init) ?? tensor.integers?.map(Double.init) ?? []
        minimum = values.min()
        maximum = values.max()
        mean = values.isEmpty ? nil : values.reduce(0, +) / Double(values.count)
        top = RunReport.Output.top(tensor, values)
    }

    private static func top(_ tensor: Tensor, _ values: [Double]) -> [[RunReport.Score]]? {
        guard tensor.rank == 2, tensor.elementType.isFloatingPoint, let classes = tensor.shape.last,
            classes >= ranking.leastClasses, (1...ranking.mostSamples).contains(tensor.shape[0]),
            values.count == tensor.elementCount
        else { return nil }
        return (0..<tensor.shape[0]).map { sample in
            let scores = values[(sample * classes)..<((sample + 1) * classes)].enumerated()
            let order = scores.sorted { ($1.element, $0.offset) < ($0.element, $1.offset) }
            return order.prefix(5).map { RunReport.Score(index: $0.offset, score: $0.element) }
        }
    }

    fileprivate var topText: String? {
        guard let top else { return nil }
        var table = TextTable([("sample", .right), ("rank", .right), ("class", .right), ("score", .right)])
        for (sample, scores) in top.enumerated() {
            for (rank, score) in scores.enumerated() {
                table.add([
                    rank == 0 ? "\(sample)" : "", "\(rank + 1)", "\(score.index)",
                    Quantity.figure(score.score),
                ])
            }
        }
        return table.text
    }
}
