import Synchronization
import Testing

@testable import Runtime

@Suite struct ThreadPoolTests {
    @Test(arguments: [0, 1, 2, 3, 5]) func everyTaskRunsOnce(threads: Int) {
        let pool = ThreadPool(threads: threads)
        for tasks in [0, 1, 2, 3, 7, 64, 1000] {
            let counts = (0..<tasks).map { _ in Counter() }
            pool.run(tasks: tasks) { task, thread in
                counts[task].increment()
                #expect(thread >= 0 && thread < pool.threads)
            }
            #expect(counts.allSatisfy { $0.value == 1 })
        }
    }

    @Test func manyShortJobsFollowEachOther() {
        let pool = ThreadPool(threads: 3)
        let sum = Counter()
        for _ in 0..<2000 { pool.run(tasks: 4) { _, _ in sum.increment() } }
        #expect(sum.value == 8000)
    }

    private final class Counter: Sendable {
        private let count = Atomic<Int>(0)
        var value: Int { count.load(ordering: .sequentiallyConsistent) }
        func increment() { count.add(1, ordering: .sequentiallyConsistent) }
    }
}
