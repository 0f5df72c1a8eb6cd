/// Offsets for blocks of memory that live over ranges of steps; blocks that live at the same time do not
/// overlap.
///
/// Greedy by size (Pisarchyk and Lee, "Efficient Memory Management for Deep Neural Net Inference", 2020): the
/// largest block first, each into the lowest gap that fits between those placed before. O(blocks^2) time.
/// With more than `greedyLimit` blocks, each takes the place of a dead one of its size, in O(blocks log
/// blocks).
struct ArenaLayout {
    private struct Item {
        let bytes: Int
        let steps: ClosedRange<Int>
    }

    private var items: [Item] = []
    private var roundedTotal = 0
    /// The size of the arena, valid once offsets are assigned.
    private(set) var bytes = 0

    /// A cache line: every block starts on one.
    static let alignment = 64
    /// More blocks than any convolutional network needs.
    static let greedyLimit = 4096

    /// - Throws: `RuntimeError.outOfMemory` if the sum of all sizes overflows.
    mutating func add(_ bytes: Int, steps: ClosedRange<Int>) throws(RuntimeError) {
        let (padded, overflow) = bytes.addingReportingOverflow(ArenaLayout.alignment - 1)
        let rounded = padded / ArenaLayout.alignment * ArenaLayout.alignment
        let (total, totalOverflow) = roundedTotal.addingReportingOverflow(rounded)
        guard !overflow, !totalOverflow else { throw .outOfMemory(bytes: nil) }
        roundedTotal = total
        items.append(Item(bytes: rounded, steps: steps))
    }

    /// The blocks' offsets, in the order in which they were added.
    mutating func assign() -> [Int] {
        items.count <= ArenaLayout.greedyLimit ? assignLargestFirst() : assignInOrder()
    }

    private mutating func assignLargestFirst() -> [Int] {
        var offsets = [Int](repeating: 0, count: items.count)
        var placed: [(index: Int, offset: Int)] = []
        for index in items.indices.sorted(by: isPlacedBefore) {
            let item = items[index]
            var offset = 0
            for other in placed where items[other.index].steps.overlaps(item.steps) {
                if other.offset >= offset + item.bytes { break }
                offset = max(offset, other.offset + items[other.index].bytes)
            }
            offsets[index] = offset
            bytes = max(bytes, offset + item.bytes)
            let position = placed.firstIndex { $0.offset > offset } ?? placed.count
            placed.insert((index, offset), at: position)
        }
        return offsets
    }

    private mutating func assignInOrder() -> [Int] {
        var offsets = [Int](repeating: 0, count: items.count)
        var deaths = items.indices.sorted { items[$0].steps.upperBound < items[$1].steps.upperBound }[...]
        /// The offsets of dead blocks, by size.
        var free: [Int: [Int]] = [:]
        for index in items.indices.sorted(by: { items[$0].steps.lowerBound < items[$1].steps.lowerBound }) {
            let item = items[index]
            while let dead = deaths.first, items[dead].steps.upperBound < item.steps.lowerBound {
                free[items[dead].bytes, default: []].append(offsets[dead])
                deaths.removeFirst()
            }
            if let offset = free[item.bytes]?.popLast() {
                offsets[index] = offset
            } else {
                offsets[index] = bytes
                bytes += item.bytes
            }
        }
        return offsets
    }

    private func isPlacedBefore(_ a: Int, _ b: Int) -> Bool {
        items[a].bytes != items[b].bytes ? items[a].bytes > items[b].bytes : a < b
    }
}
