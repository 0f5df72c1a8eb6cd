#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// An immutable range of bytes that keeps its owner alive: a file mapping or a heap block.
///
/// Copying a region copies no bytes. Threads may share regions, because nobody writes to the bytes once a
/// region exists.
public struct ByteRegion: Sendable {
    private let owner: any AnyObject & Sendable
    nonisolated(unsafe) private let start: UnsafeRawPointer
    /// The number of bytes.
    public let count: Int

    /// The file whose mapping holds the bytes, if any.
    public var file: MappedFile? { owner as? MappedFile }

    /// A region of `owner`'s memory; the caller guarantees that the bytes live as long as `owner`.
    public init(owner: any AnyObject & Sendable, start: UnsafeRawPointer, count: Int) {
        self.owner = owner
        self.start = start
        self.count = count
    }

    /// A region of `count` bytes that `initialize` fills. The block is 64-byte aligned.
    public init(count: Int, initialize: (UnsafeMutableRawBufferPointer) throws -> Void) rethrows {
        let block = HeapBlock(count: count)
        try initialize(UnsafeMutableRawBufferPointer(start: block.start, count: count))
        self.init(owner: block, start: UnsafeRawPointer(block.start), count: count)
    }

    /// A region that holds a copy of `bytes`.
    public init(copying bytes: UnsafeRawBufferPointer) {
        self.init(count: bytes.count) { $0.copyMemory(from: bytes) }
    }

    /// A region that holds the memory of `elements`.
    public init<Element: BitwiseCopyable>(_ elements: [Element]) {
        self = elements.withUnsafeBytes(ByteRegion.init(copying:))
    }

    /// Whether the bytes were allocated, rather than mapped from a file.
    public var isAllocated: Bool { owner is HeapBlock }

    /// The `count` bytes of the region from `offset` on; nil if they are not all within it.
    public func slice(offset: Int, count: Int) -> ByteRegion? {
        guard offset >= 0, count >= 0, offset <= self.count, count <= self.count - offset else { return nil }
        return ByteRegion(owner: owner, start: start + offset, count: count)
    }

    /// Calls `body` with the bytes; the pointer is valid for the call only.
    public func withUnsafeBytes<Result, Failure: Error>(
        _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        defer { withExtendedLifetime(owner) {} }
        return try body(UnsafeRawBufferPointer(start: start, count: count))
    }

    /// Releases the memory of those pages of a file mapping that lie within the region: their next use reads
    /// them from the file again. Does nothing for other memory.
    public func releasePages() { (owner as? MappedFile)?.releasePages(from: start, count: count) }

    /// Whether the first byte lies on a multiple of `alignment`.
    public func isAligned(to alignment: Int) -> Bool { Int(bitPattern: start) % alignment == 0 }
}

extension ByteRegion: Equatable {
    /// Compares the bytes; O(count) unless both are the same memory.
    public static func == (a: ByteRegion, b: ByteRegion) -> Bool {
        guard a.count == b.count else { return false }
        guard a.start != b.start else { return true }
        return withExtendedLifetime((a.owner, b.owner)) { memcmp(a.start, b.start, a.count) == 0 }
    }
}

/// A block of heap memory, freed with its last reference.
private final class HeapBlock: Sendable {
    nonisolated(unsafe) let start: UnsafeMutableRawPointer

    init(count: Int) {
        start = .allocate(byteCount: max(count, 1), alignment: 64)
    }

    deinit { start.deallocate() }
}
