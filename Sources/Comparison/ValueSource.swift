import GraphIR
import Runtime

/// The source of a model's values.
public protocol ValueSource: Sendable {
    /// The values of those names, as far as they exist.
    func values(named names: [String]) throws -> [String: Tensor]
}

/// A model that is run to get values; only the requested ones are kept.
public struct RunningModel: ValueSource {
    /// The graph that is run.
    public let graph: Graph
    let inputs: [String: Tensor]
    let threads: Int?
    let limits: RunLimits

    /// A model with the tensors of its inputs, by name.
    public init(
        _ graph: Graph, inputs: [String: Tensor], threads: Int? = nil, limits: RunLimits = RunLimits()
    ) {
        self.graph = graph
        self.inputs = inputs
        self.threads = threads
        self.limits = limits
    }

    public func values(named names: [String]) throws -> [String: Tensor] {
        let session = try Session(
            graph, options: SessionOptions(threads: threads, taps: names, limits: limits))
        let wanted = Set(names)
        return Dictionary(
            try session.run(inputs).filter { wanted.contains($0.name) }.map { ($0.name, $0.tensor) },
            uniquingKeysWith: { first, _ in first })
    }
}

/// Values that another runtime has computed.
public struct RecordedValues: ValueSource {
    /// The values by name.
    public let tensors: [String: Tensor]

    /// A recording of these values.
    public init(_ tensors: [String: Tensor]) { self.tensors = tensors }

    public func values(named names: [String]) -> [String: Tensor] {
        Dictionary(
            names.compactMap { name in tensors[name].map { (name, $0) } },
            uniquingKeysWith: { first, _ in first })
    }
}
