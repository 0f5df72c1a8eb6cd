import GraphIR
import MixtureOfDepths
import Operators
import Runtime

/// Compares a graph's results for samples run together with those for each sample alone.
///
/// Nodes that only work for the graph's own batch are given up, with everything that depends on them.
struct BatchComparison {
    /// The samples that are run together.
    static let samples = 3

    /// The sample whose values differ most.
    struct Worst {
        let sample: Int
        let relative: Double
    }

    /// By name: the sample for which a value differs most. Values whose first extent is not a batch are
    /// missing.
    private(set) var worst: [String: Worst] = [:]
    /// The values that were computed.
    private(set) var computed: [String] = []
    /// How far the graph can be run with other batches.
    private(set) var reach: Reach
    /// The last node that was given up.
    private(set) var refusal: Node?

    /// Runs three seeded samples together and alone.
    ///
    /// - Parameters:
    ///   - names: the values to compare.
    ///   - session: runs the graph at any batch; nil if there is none yet.
    ///   - example: inputs that set the extents which the graph leaves open.
    /// - Throws: any error of running the graph that does not concern one node.
    init(
        of graph: BatchedGraph, _ names: [String], _ reach: Reach, _ session: Session?,
        example: [String: Tensor], _ options: VerificationOptions
    ) throws {
        self.reach = reach
        let samples = try concurrentMap(0..<BatchComparison.samples, threads: options.threads) {
            try SeededInputs.tensors(
                for: graph.alone, batch: 1, seed: options.seed, index: $0, example: example)
        }
        var batch: [String: Tensor] = [:]
        for name in samples[0].keys { batch[name] = try Tensor.stacking(samples.compactMap { $0[name] }) }
        var kept = session
        while true {
            computed = names.filter(self.reach.reaches)
            guard !computed.isEmpty else { return }
            do {
                try compare(graph, samples, batch, kept, options)
                return
            } catch {
                if self.reach.isExhausted {
                    computed = []
                    return
                }
                guard let node = self.reach.giveUp(after: error) else { throw error }
                refusal = node
                kept = nil
            }
        }
    }

    private mutating func compare(
        _ graph: BatchedGraph, _ samples: [[String: Tensor]], _ batch: [String: Tensor], _ session: Session?,
        _ options: VerificationOptions
    ) throws {
        let exact = SessionOptions(
            threads: options.threads, outputs: computed, isExact: true, limits: options.limits)
        // An existing session has outputs of its own.
        let taps = session == nil ? [] : computed
        let wholeSession = try session ?? Session(graph.together, options: exact)
        let singleSession = graph.isOne ? wholeSession : try Session(graph.alone, options: exact)
        let together = try wholeSession.table(batch, taps: taps)
        var worst: [String: Worst] = [:]
        var withoutBatch: Set<String> = []
        for (index, sample) in samples.enumerated() {
            let alone = try singleSession.table(sample, taps: taps)
            for name in computed {
                guard let whole = together[name], let single = alone[name],
                    let relative = try BatchComparison.difference(whole, single, sample: index)
                else {
                    withoutBatch.insert(name)
                    continue
                }
                if relative >= worst[name]?.relative ?? 0 {
                    worst[name] = Worst(sample: index, relative: relative)
                }
            }
        }
        self.worst = worst.filter { !withoutBatch.contains($0.key) }
    }

    /// The relative difference between a sample in a batch and the sample alone; nil if the first extent of
    /// the two is not a batch.
    private static func difference(_ whole: Tensor, _ single: Tensor, sample: Int) throws -> Double? {
        guard let rows = single.shape.first, rows > 0, whole.shape.first == rows * samples else { return nil }
        let part = try whole.selecting(Array((sample * rows)..<((sample + 1) * rows)), axis: 0)
        return Difference(part, from: single)?.relative
    }
}

/// A graph as it runs one sample, and as it runs several.
struct BatchedGraph {
    let alone: Graph
    let together: Graph
    /// Whether both are one graph, which accepts any batch.
    let isOne: Bool

    /// - Returns: nil if the inputs share no batch.
    init?(_ graph: Graph, _ blocks: [MoDBlock] = []) throws {
        let gathers = graph.hasOpenBatch ? [] : BatchBoundGather.all(in: blocks, of: graph)
        isOne = gathers.isEmpty
        if isOne {
            guard let opened = graph.openingBatch() else { return nil }
            (alone, together) = (opened, opened)
            return
        }
        guard let alone = try graph.rebatched(to: 1, gathers),
            let together = try graph.rebatched(to: BatchComparison.samples, gathers)
        else { return nil }
        (self.alone, self.together) = (alone, together)
    }
}

extension Tensor {
    /// Tensors of one type joined along their first axis.
    static func stacking(_ tensors: [Tensor]) throws -> Tensor {
        guard let first = tensors.first, first.rank >= 1,
            tensors.allSatisfy({ $0.elementType == first.elementType && $0.shape == first.shape })
        else {
            throw TensorError.invalidShape(tensors.first?.shape ?? [], tensors.first?.elementType ?? .float32)
        }
        let size = first.bytes.count
        let bytes = ByteRegion(count: size * tensors.count) { target in
            for (index, tensor) in tensors.enumerated() {
                tensor.bytes.withUnsafeBytes { source in
                    guard let from = source.baseAddress, let to = target.baseAddress else { return }
                    (to + index * size).copyMemory(from: from, byteCount: size)
                }
            }
        }
        let shape = [first.shape[0] * tensors.count] + first.shape.dropFirst()
        return try Tensor(first.elementType, shape: shape, bytes: bytes)
    }
}
