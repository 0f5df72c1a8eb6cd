import GraphIR

/// The outputs of a model.
public struct RunReport: JSONDocument, Sendable {
    public static let schema = "run/1"

    /// One input of the run.
    public struct Input: Encodable, Sendable {
        let name: String
        let type: JSONType

        /// An input with its name.
        public init(name: String, _ tensor: Tensor) {
            self.name = name
            type = JSONType(tensor.type)
        }
    }

    /// One output, with its range.
    public struct Output: Encodable, Sendable {
        let name: String
        let type: JSONType
        let minimum: Double?
        let maximum: Double?
        let mean: Double?
        /// For each sample the classes of the highest scores, if the output looks like class scores.
        let top: [[Score]]?
    }

    /// A class with its score.
    public struct Score: Encodable, Sendable {
        let index: Int
        let label: String?
        let score: Double
    }

    let inputs: [Input]
    /// How images were turned into an input.
    let preprocessing: String?
    /// The names of a batch's samples, such as the images' files; empty if they have none.
    let samples: [String]
    let outputs: [Output]

    /// - Parameters:
    ///   - labels: the names of the classes; outputs may have further classes, without names.
    ///   - samples: the names of the samples.
    public init(
        _ outputs: [(name: String, tensor: Tensor)], inputs: [Input] = [], preprocessing: String? = nil,
        labels: [String]? = nil, samples: [String] = []
    ) {
        self.inputs = inputs
        self.preprocessing = preprocessing
        self.samples = samples
        self.outputs = outputs.map { Output(name: $0.name, $0.tensor, labels) }
    }

    /// The text that the command prints.
    public var text: String {
        var table = TextTable([
            ("output", .left), ("type", .left), ("min", .right), ("max", .right), ("mean", .right),
        ])
        for output in outputs {
            let figures = [output.minimum, output.maximum, output.mean]
            table.add([output.name, output.type.text] + figures.map { $0.map(Quantity.figure) ?? "" })
        }
        var facts = FactList()
        if let preprocessing { facts.add("images", preprocessing) }
        return ([facts.text, table.text] + outputs.compactMap { $0.topText(samples) })
            .filter { !$0.isEmpty }.joined(separator: "\n")
    }
}

extension RunReport.Output {
    /// Outputs of fewer classes or more samples are not ranked.
    private static let ranking = (leastClasses: 5, mostSamples: 64)
    private static let ranks = 5

    fileprivate init(name: String, _ tensor: Tensor, _ labels: [String]?) {
        self.name = name
        type = JSONType(tensor.type)
        let values = tensor.floats?.map(Double.init) ?? tensor.integers?.map(Double.init) ?? []
        minimum = values.min()
        maximum = values.max()
        mean = values.isEmpty ? nil : values.reduce(0, +) / Double(values.count)
        top = RunReport.Output.top(tensor, values, labels)
    }

    /// The highest scores in a batch of class scores: `N x classes`, possibly followed by extents of 1.
    private static func top(_ tensor: Tensor, _ values: [Double], _ labels: [String]?) -> [[RunReport.Score]]?
    {
        guard tensor.rank >= 2, tensor.elementType.isFloatingPoint,
            tensor.shape.dropFirst(2).allSatisfy({ $0 == 1 }), tensor.shape[1] >= ranking.leastClasses,
            (1...ranking.mostSamples).contains(tensor.shape[0]), values.count == tensor.elementCount
        else { return nil }
        let classes = tensor.shape[1]
        return (0..<tensor.shape[0]).map { sample in
            let scores = values[(sample * classes)..<((sample + 1) * classes)].enumerated()
            let order = scores.sorted { ($1.element, $0.offset) < ($0.element, $1.offset) }
            return order.prefix(ranks).map { index, score in
                let label = labels.flatMap { $0.indices.contains(index) ? $0[index] : nil }
                return RunReport.Score(index: index, label: label, score: score)
            }
        }
    }

    fileprivate func topText(_ samples: [String]) -> String? {
        guard let top else { return nil }
        let isNamed = samples.count == top.count
        let isLabelled = top.contains { $0.contains { $0.label != nil } }
        var table = TextTable(
            [
                ("sample", isNamed ? .left : .right), ("rank", .right), ("class", .right), ("score", .right),
            ] + (isLabelled ? [("label", .left)] : []))
        for (sample, scores) in top.enumerated() {
            for (rank, score) in scores.enumerated() {
                let name = isNamed ? samples[sample] : "\(sample)"
                table.add([
                    rank == 0 ? name : "", "\(rank + 1)", "\(score.index)", Quantity.figure(score.score),
                    score.label ?? "",
                ])
            }
        }
        return table.text
    }
}
