import GraphIR

/// The activations of all calibration samples at one place of the network, in chunks of samples.
///
/// Calibration keeps two of them, one of the source and one of the converted network, and moves both from
/// block to block. It holds nothing else of the network for all samples at once.
struct ActivationStream: Sendable {
    /// Each [samples, C, H, W].
    var chunks: [Tensor]

    /// Replaces each chunk by `transform`'s result, one after the other.
    mutating func update(_ transform: (Int, Tensor) throws -> Tensor) throws {
        for index in chunks.indices { chunks[index] = try transform(index, chunks[index]) }
    }
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

    package var fittedSamples: Int { fitted.isEmpty ? 0 : chunks[fitted.upperBound - 1].upperBound }

    /// The chunks on which alternatives are compared: the held-out ones, or all if there are none.
    package var compared: Range<Int> { heldOut.isEmpty ? fitted : heldOut }
}
