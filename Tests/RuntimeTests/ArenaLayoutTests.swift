import Testing

@testable import Runtime

@Suite struct ArenaLayoutTests {
    @Test(arguments: 0..<20) func blocksThatMeetDoNotOverlap(seed: Int) throws {
        var numbers = SeededNumbers(seed: UInt64(seed))
        var layout = ArenaLayout()
        var blocks: [(bytes: Int, steps: ClosedRange<Int>)] = []
        for _ in 0..<40 {
            let first = Int.random(in: 0..<30, using: &numbers)
            let last = first + Int.random(in: 0..<8, using: &numbers)
            let bytes = Int.random(in: 0..<5000, using: &numbers)
            blocks.append((bytes, first...last))
            try layout.add(bytes, steps: first...last)
        }
        let offsets = layout.assign()
        for a in blocks.indices {
            #expect(offsets[a] % ArenaLayout.alignment == 0)
            #expect(offsets[a] + blocks[a].bytes <= layout.bytes)
            for b in blocks.indices where b > a && blocks[a].steps.overlaps(blocks[b].steps) {
                #expect(
                    offsets[a] + blocks[a].bytes <= offsets[b] || offsets[b] + blocks[b].bytes <= offsets[a])
            }
        }
        // No layout is smaller than what lives at one time.
        let needed = (0..<40).map { step in
            blocks.filter { $0.steps.contains(step) }.reduce(0) { $0 + $1.bytes }
        }
        #expect(layout.bytes >= needed.max() ?? 0)
    }

    @Test func sizesThatOverflowAreRefused() throws {
        var layout = ArenaLayout()
        try layout.add(Int.max / 2, steps: 0...1)
        #expect(throws: RuntimeError.outOfMemory(bytes: nil)) {
            try layout.add(Int.max / 2 + 64, steps: 0...1)
        }
    }
}

/// More blocks than the greedy layout takes: nothing that lives at the same time overlaps.
@Suite struct LargeArenaLayoutTests {
    @Test func blocksDoNotOverlap() throws {
        let count = ArenaLayout.greedyLimit + 100
        var layout = ArenaLayout()
        let sizes = (0..<count).map { 64 * (1 + $0 % 5) }
        let steps = (0..<count).map { $0...($0 + 1 + $0 % 7) }
        for (size, steps) in zip(sizes, steps) { try layout.add(size, steps: steps) }
        let offsets = layout.assign()
        #expect(layout.bytes < 64 * 5 * 40, "memory is used again")
        for a in 0..<count {
            #expect(offsets[a] + sizes[a] <= layout.bytes)
            for b in (a + 1)..<min(count, a + 10) where steps[a].overlaps(steps[b]) {
                #expect(offsets[a] + sizes[a] <= offsets[b] || offsets[b] + sizes[b] <= offsets[a])
            }
        }
    }
}
