import GraphIR

/// The activations of all calibration samples at the places of a network that later parts read, in chunks of
/// samples.
///
/// Calibration keeps two of them, one of the source and one of the converted network. The second holds only
/// what differs from the first. Neither holds anything else of the network for all samples at once.
package struct LiveActivations: Sendable {
    /// By chunk, each value's tensor: [samples, ...].
    package private(set) var chunks: [[ValueID: Tensor]]
    /// Where they lie.
    package let store: ActivationStore

    /// - Parameters:
    ///   - tensors: by chunk, what the network's inputs take.
    ///   - inputs: the network's inputs.
    package init(_ tensors: [[Tensor]], at inputs: [ValueID], in store: ActivationStore) throws {
        self.store = store
        chunks = try tensors.map {
            Dictionary(zip(inputs, try $0.map(store.keeping)), uniquingKeysWith: { first, _ in first })
        }
    }

    /// Nothing, in as many chunks as other activations have, and where these lie.
    init(like other: LiveActivations) {
        chunks = other.chunks.map { _ in [:] }
        store = other.store
    }

    /// Whether the value is held.
    package func holds(_ value: ValueID) -> Bool { chunks.first?[value] != nil }

    /// The value's activations; nil if it is not held.
    func stream(_ value: ValueID) -> ActivationStream? {
        let tensors = chunks.compactMap { $0[value] }
        return tensors.count == chunks.count ? ActivationStream(chunks: tensors, in: store) : nil
    }

    /// Holds a value's activations, which lie where these do.
    mutating func set(_ stream: ActivationStream, for value: ValueID) {
        for (chunk, tensor) in stream.chunks.enumerated() { chunks[chunk][value] = tensor }
    }

    /// Holds activations at several uses of a block, joined as `ActivationStream` does it.
    ///
    /// - Parameter division: of one use.
    mutating func set(_ joined: ActivationStream, for uses: [ValueID], _ division: SampleDivision) {
        for (value, stream) in zip(uses, joined.separated(into: uses.count, division)) {
            set(stream, for: value)
        }
    }

    /// Holds values of one chunk.
    ///
    /// - Throws: what `ActivationStore.keeping` throws.
    package mutating func set(_ tensors: [Tensor], for values: [ValueID], chunk: Int) throws {
        for (value, tensor) in zip(values, tensors) { chunks[chunk][value] = try store.keeping(tensor) }
    }

    /// Lets go of values of one chunk.
    package mutating func drop(_ values: [ValueID], chunk: Int) {
        for value in values { chunks[chunk][value] = nil }
    }

    /// Lets go of values.
    mutating func drop(_ values: [ValueID]) {
        for chunk in chunks.indices { drop(values, chunk: chunk) }
    }

    /// Runs one chunk through a part: holds its results, and lets go of what no later part reads.
    package mutating func pass<Station>(
        _ part: NetworkSchedule<Station>.Part, chunk: Int, by session: PartSession
    ) throws {
        try set(session.run(inputs(part.inputs, chunk: chunk)), for: part.outputs, chunk: chunk)
        drop(part.lastReads, chunk: chunk)
    }

    /// The inputs `x0`, `x1`, ... of a session that reads the values, of one chunk.
    ///
    /// - Parameter source: holds what these activations do not.
    package func inputs(_ values: [ValueID], chunk: Int, over source: LiveActivations? = nil) -> [String:
        Tensor]
    {
        var inputs: [String: Tensor] = [:]
        for (place, value) in values.enumerated() {
            inputs["x\(place)"] = chunks[chunk][value] ?? source?.chunks[chunk][value]
        }
        return inputs
    }
}
