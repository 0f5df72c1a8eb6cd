import GraphIR

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// A block of uninitialised memory on a 64-byte boundary, freed with its last reference.
///
/// Threads that share a block must make sure that none reads what another is writing.
final class Block: Sendable {
    nonisolated(unsafe) let start: UnsafeMutableRawPointer
    let count: Int

    /// The size of a huge page.
    private static let hugePage = 2 << 20

    /// - Parameter isHuge: requests huge pages if the block fills at least one: for memory that lives long,
    ///   is filled completely and is read in long runs.
    /// - Throws: `RuntimeError.outOfMemory`.
    init(count: Int, isHuge: Bool = false) throws(RuntimeError) {
        var memory: UnsafeMutableRawPointer?
        let wantsHuge = isHuge && count >= Block.hugePage
        guard count >= 0, posix_memalign(&memory, wantsHuge ? Block.hugePage : 64, max(count, 64)) == 0,
            let memory
        else { throw RuntimeError.outOfMemory(bytes: count) }
        if wantsHuge { _ = madvise(memory, count / Block.hugePage * Block.hugePage, MADV_HUGEPAGE) }
        start = memory
        self.count = count
    }

    deinit { free(start) }

    /// The bytes of a part of the block; the region keeps the block alive.
    func region(offset: Int, count: Int) -> ByteRegion {
        ByteRegion(owner: self, start: UnsafeRawPointer(start + offset), count: count)
    }
}

/// A tensor whose elements can be read through a pointer for as long as this value exists.
struct PinnedTensor: Sendable {
    /// The tensor; its bytes are aligned for its elements.
    let tensor: Tensor
    nonisolated(unsafe) let start: UnsafeRawPointer?

    /// Copies the tensor's bytes only if a file holds them at an odd address.
    init(_ tensor: Tensor) {
        self.tensor = tensor.aligned
        start = self.tensor.bytes.withUnsafeBytes { $0.baseAddress }
    }
}
