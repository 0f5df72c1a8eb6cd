import CKernels
import GraphIR

/// Constants in the form in which a kernel reads them.
///
/// `WeightCache.pack` fills the memory before the first run of a plan that uses it; after that it is only read.
protocol PackedConstant: AnyObject, Sendable {
    var byteCount: Int { get }
    var taskCount: Int { get }
    /// The size of the constants in the graph, in bytes.
    var sourceBytes: Int { get }

    /// Gives the constants their memory, starting at byte `offset` of `block`.
    func place(in block: Block, offset: Int)
    /// Packs a part; several parts may be packed at the same time.
    func pack(task: Int)
    /// Releases the pages of the file that the constants were read from; the engine does not need them again.
    func releaseSource()
}

/// A convolution's weights and bias in the order in which its kernel reads them.
///
/// They depend on the convolution's method, not on the batch, so plans for several batches share them.
final class PackedWeights: PackedConstant {
    /// The method and the layout of the packed weights, for a batch of 1.
    let plan: ck_conv_plan
    private let weights: Tensor
    private let bias: Tensor?
    /// The factors of a folded normalisation on the weights of each output channel.
    private let scale: [Float]?
    nonisolated(unsafe) private var block: Block?
    nonisolated(unsafe) private var start: UnsafeMutablePointer<Float>?

    /// - Parameter normalization: the normalisation after the convolution, folded into its weights and bias.
    init(_ plan: ck_conv_plan, weights: Tensor, bias: Tensor?, normalization: ChannelAffine?) {
        self.plan = plan
        self.weights = weights
        scale = normalization?.scale
        guard let normalization else {
            self.bias = bias
            return
        }
        let sums = bias?.floats ?? [Float](repeating: 0, count: normalization.shift.count)
        self.bias = Tensor(
            zip(sums, zip(normalization.scale, normalization.shift)).map { $0 * $1.0 + $1.1 })
    }

    var byteCount: Int { Int(plan.packed_floats) * MemoryLayout<Float>.stride }
    var taskCount: Int { Int(plan.pack_tasks) }
    var sourceBytes: Int { weights.bytes.count }

    /// The packed weights.
    var pointer: UnsafePointer<Float> {
        guard let start else { preconditionFailure("weights are packed before a plan runs") }
        return UnsafePointer(start)
    }

    func place(in block: Block, offset: Int) {
        self.block = block
        start = (block.start + offset).assumingMemoryBound(to: Float.self)
    }

    func pack(task: Int) {
        guard let start else { return }
        var plan = plan
        weights.bytes.withUnsafeBytes { weights in
            withBias { bias in
                ck_conv_pack(
                    &plan, weights.baseAddress, bias, scale, start, Int64(task), Int64(task) + 1)
            }
        }
    }

    func releaseSource() { weights.bytes.releasePages() }

    private func withBias(_ body: (UnsafeRawPointer?) -> Void) {
        if let bias { bias.bytes.withUnsafeBytes { body($0.baseAddress) } } else { body(nil) }
    }
}

/// A graph's constants in the form that steps read, shared by the plans of a session.
struct WeightCache: Sendable {
    /// The weights of a convolution, and whether a normalisation is folded into them.
    struct Source: Hashable {
        let convolution: NodeID
        let isNormalized: Bool
    }

    /// The key of packed weights: the weights, and the method that reads them.
    struct Key: Hashable {
        let source: Source
        let method: UInt32
    }

    /// Initialisers that kernels read in place.
    var pinned: [ValueID: PinnedTensor] = [:]
    private var ranges: [Source: ck_weight_range] = [:]
    private var packed: [Key: any PackedConstant] = [:]
    /// The weights added since `pack`.
    private var unpacked: [any PackedConstant] = []

    /// The range of the weights; `find` computes it if it is not known yet.
    mutating func range(_ source: Source, _ find: () -> ck_weight_range) -> ck_weight_range {
        if let known = ranges[source] { return known }
        let range = find()
        ranges[source] = range
        return range
    }

    /// The packed weights for the key; `make` creates them if they are new.
    mutating func weights<Packed: PackedConstant>(_ key: Key, _ make: () -> Packed) -> Packed {
        if let known = packed[key] as? Packed { return known }
        let new = make()
        packed[key] = new
        unpacked.append(new)
        return new
    }

    /// Packs the new weights, all threads sharing the work: O(weights).
    ///
    /// Weights are packed in groups. Each group releases its pages of the file before the next begins, so
    /// that beside the packed weights at most one group is resident.
    ///
    /// - Throws: `RuntimeError.outOfMemory`.
    mutating func pack(on pool: ThreadPool) throws(RuntimeError) {
        guard !unpacked.isEmpty else { return }
        let lines = unpacked.map { ($0.byteCount + 63) / 64 }
        let block = try Block(count: lines.reduce(0, +) * 64, isHuge: true)
        var offset = 0
        for (weights, count) in zip(unpacked, lines) {
            weights.place(in: block, offset: offset)
            offset += count * 64
        }
        var remaining = unpacked[...]
        while !remaining.isEmpty {
            var bytes = 0
            let group = remaining.prefix { weights in
                defer { bytes += weights.sourceBytes }
                return bytes < WeightCache.groupBytes
            }
            remaining = remaining.dropFirst(group.count)
            let tasks = group.flatMap { weights in (0..<weights.taskCount).map { (weights, $0) } }
            pool.run(tasks: tasks.count) { task, _ in tasks[task].0.pack(task: tasks[task].1) }
            for weights in group { weights.releaseSource() }
        }
        unpacked = []
    }

    private static let groupBytes = 64 << 20
}
