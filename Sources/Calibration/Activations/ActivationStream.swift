import GraphIR

/// The activations of all calibration samples at one place of the network, in chunks of samples.
///
/// Calibration keeps two of them, one of the source and one of the converted network, and moves both from
/// block to block. It holds nothing else of the network for all samples at once.
struct ActivationStream: Sendable {
    /// Each [samples, C, H, W].
    private(set) var chunks: [Tensor]
    let store: ActivationStore

    /// - Parameter chunks: lie in the store.
    init(chunks: [Tensor], in store: ActivationStore) { (self.chunks, self.store) = (chunks, store) }

    /// The activations at several uses of a block as those of one, in the order of `SampleDivision.repeated`.
    init(joining uses: [ActivationStream], _ division: SampleDivision) {
        chunks =
            uses.flatMap { $0.chunks[division.fitted] } + uses.flatMap { $0.chunks[division.heldOut] }
        store = uses.first?.store ?? .memory
    }

    /// The activations at each use.
    ///
    /// - Parameter division: of one use.
    func separated(into uses: Int, _ division: SampleDivision) -> [ActivationStream] {
        var streams = [ActivationStream](repeating: ActivationStream(chunks: [], in: store), count: uses)
        for (index, chunk) in chunks.enumerated() {
            streams[division.place(ofRepeated: index, uses: uses).use].chunks.append(chunk)
        }
        return streams
    }

    /// Replaces each chunk by `transform`'s result, one after the other.
    mutating func update(_ transform: (Int, Tensor) throws -> Tensor) throws {
        for index in chunks.indices { try set(transform(index, chunks[index]), chunk: index) }
    }

    /// Replaces a chunk.
    mutating func set(_ tensor: Tensor, chunk: Int) throws { chunks[chunk] = try store.keeping(tensor) }
}

/// Divides the samples into those that fits use and those that no fit sees.
package struct SampleDivision: Sendable {
    /// Ranges of samples; a chunk is either fitted to or held out.
    package let chunks: [Range<Int>]
    package let fitted: Range<Int>
    package let heldOut: Range<Int>

    /// Holds out the last quarter of the samples; none if there are fewer than 8.
    ///
    /// - Parameters:
    ///   - chunk: the most samples of a chunk.
    ///   - batch: the network's batch, if it is fixed: every chunk then has exactly that size, and samples
    ///     that do not fill one are left out.
    package init(samples: Int, chunk: Int, batch: Int? = nil) {
        let unit = max(1, batch ?? 1)
        let size = batch.map { max(1, $0) } ?? max(1, chunk)
        let count = samples / unit
        let out = count < 8 ? 0 : count / 4
        let (end, boundary) = (count * unit, (count - out) * unit)
        func pieces(_ range: Range<Int>) -> [Range<Int>] {
            stride(from: range.lowerBound, to: range.upperBound, by: size).map {
                $0..<min($0 + size, range.upperBound)
            }
        }
        let (first, second) = (pieces(0..<boundary), pieces(boundary..<end))
        chunks = first + second
        fitted = 0..<first.count
        heldOut = first.count..<(first.count + second.count)
    }

    private init(_ fitted: [Range<Int>], _ heldOut: [Range<Int>]) {
        chunks = fitted + heldOut
        self.fitted = 0..<fitted.count
        self.heldOut = fitted.count..<chunks.count
    }

    /// The same division of several uses of each sample, which count as samples: first those of all uses that fits see.
    func repeated(_ uses: Int) -> SampleDivision {
        guard uses > 1 else { return self }
        let (fits, all) = (fittedSamples, samples)
        func moved(_ range: Range<Int>, _ count: Int, from start: Int, to place: Int) -> [Range<Int>] {
            (0..<uses).flatMap { use in
                chunks[range].map { chunk in
                    let shift = place + use * count - start
                    return (chunk.lowerBound + shift)..<(chunk.upperBound + shift)
                }
            }
        }
        return SampleDivision(
            moved(fitted, fits, from: 0, to: 0), moved(heldOut, all - fits, from: fits, to: uses * fits))
    }

    /// The use, and the chunk of one use, that a chunk of the repeated division is.
    func place(ofRepeated chunk: Int, uses: Int) -> (use: Int, chunk: Int) {
        let rest = chunk - uses * fitted.count
        return rest < 0
            ? (chunk / fitted.count, chunk % fitted.count)
            : (rest / heldOut.count, fitted.count + rest % heldOut.count)
    }

    /// The samples among which one of this chunk finds others that fits see, or do not see, just as itself.
    package func circle(ofChunk chunk: Int) -> Range<Int> {
        fitted.contains(chunk) ? 0..<fittedSamples : fittedSamples..<samples
    }

    package var samples: Int { chunks.last?.upperBound ?? 0 }
    package var fittedSamples: Int { fitted.isEmpty ? 0 : chunks[fitted.upperBound - 1].upperBound }

    /// The chunks on which alternatives are compared: the held-out ones, or all if there are none.
    package var compared: Range<Int> { heldOut.isEmpty ? fitted : heldOut }
}
