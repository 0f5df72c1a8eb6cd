import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// A fixed set of threads that share the tasks of one job at a time.
///
/// Tasks are claimed one by one from an atomic ticket, so the calling thread finishes whatever a late worker
/// has not claimed: on a busy machine a job never waits for a worker to wake up. Idle workers spin briefly,
/// then sleep. Jobs must come from one thread at a time.
final class ThreadPool: Sendable {
    /// The number of threads that take part in a job, the caller's included.
    let threads: Int
    private let board: JobBoard
    private let workers: [pthread_t]

    /// - Parameter threads: at least 1 is used; fewer if the system refuses to start so many.
    init(threads: Int) {
        let board = JobBoard()
        var workers: [pthread_t] = []
        for index in stride(from: 1, to: threads, by: 1) {
            guard let worker = ThreadPool.start(index, board) else { break }
            workers.append(worker)
        }
        self.board = board
        self.workers = workers
        self.threads = workers.count + 1
    }

    deinit {
        board.stop()
        for worker in workers { pthread_join(worker, nil) }
    }

    /// Calls `body` once for every task in `0..<tasks`, in any order, and returns when all calls have.
    ///
    /// - Parameter body: gets the task and the index of the thread that runs it, below `threads`.
    func run(tasks: Int, _ body: (_ task: Int, _ thread: Int) -> Void) {
        guard tasks > 1, !workers.isEmpty, tasks <= Int(UInt32.max) else {
            for task in 0..<max(tasks, 0) { body(task, 0) }
            return
        }
        withoutActuallyEscaping(body) { body in
            withUnsafePointer(to: body) { board.run(tasks: tasks, $0) }
        }
    }

    private static func start(_ index: Int, _ board: JobBoard) -> pthread_t? {
        let start = Unmanaged.passRetained(WorkerStart(board: board, index: index))
        var handle = pthread_t()
        let code = pthread_create(
            &handle, nil,
            { argument in
                guard let argument else { return nil }
                let start = Unmanaged<WorkerStart>.fromOpaque(argument).takeRetainedValue()
                start.board.work(thread: start.index)
                return nil
            }, start.toOpaque())
        guard code == 0 else {
            start.release()
            return nil
        }
        return handle
    }
}

/// What a new thread is handed.
private final class WorkerStart: Sendable {
    let board: JobBoard
    let index: Int

    init(board: JobBoard, index: Int) {
        self.board = board
        self.index = index
    }
}

/// The job that is being worked on, and the meeting point of its threads.
private final class JobBoard: Sendable {
    typealias Body = (_ task: Int, _ thread: Int) -> Void

    /// The job's number in the upper half, its unclaimed tasks in the lower. A claim takes one task by
    /// compare-and-swap of the whole word, so a worker that is late for one job cannot claim from the next
    /// by mistake; and a job cannot end between a claim and the task's completion, so that what it reads
    /// from `body` and `total` after a claim belongs to that job.
    private let ticket = Atomic<UInt64>(0)
    /// Tasks of the job that have not completed.
    private let outstanding = Atomic<Int>(0)
    private let sleepers = Atomic<Int>(0)
    private let isStopping = Atomic<Bool>(false)
    nonisolated(unsafe) private var body: UnsafePointer<Body>?
    nonisolated(unsafe) private var total = 0
    private let bell = Bell()

    /// How often an idle thread looks for work before it sleeps: some tens of microseconds.
    private static let spins = 2000

    func run(tasks: Int, _ body: UnsafePointer<Body>) {
        self.body = body
        total = tasks
        outstanding.store(tasks, ordering: .relaxed)
        let job = (ticket.load(ordering: .relaxed) >> 32) &+ 1
        ticket.store(job << 32 | UInt64(tasks), ordering: .sequentiallyConsistent)
        if sleepers.load(ordering: .sequentiallyConsistent) > 0 { bell.ring() }
        while runOneTask(thread: 0) {}
        wait { outstanding.load(ordering: .sequentiallyConsistent) == 0 }
        self.body = nil
    }

    func work(thread: Int) {
        while true {
            wait { unclaimed > 0 || isStopping.load(ordering: .sequentiallyConsistent) }
            if isStopping.load(ordering: .acquiring) { return }
            while runOneTask(thread: thread) {}
        }
    }

    func stop() {
        isStopping.store(true, ordering: .sequentiallyConsistent)
        bell.ring()
    }

    private var unclaimed: UInt64 { ticket.load(ordering: .sequentiallyConsistent) & 0xffff_ffff }

    /// Claims a task and runs it; false if there was none to claim.
    private func runOneTask(thread: Int) -> Bool {
        var seen = ticket.load(ordering: .acquiring)
        while seen & 0xffff_ffff > 0 {
            let (claimed, current) = ticket.compareExchange(
                expected: seen, desired: seen - 1, ordering: .acquiringAndReleasing)
            guard claimed else {
                seen = current
                continue
            }
            body?.pointee(total - Int(seen & 0xffff_ffff), thread)
            let left = outstanding.subtract(1, ordering: .sequentiallyConsistent).newValue
            if left == 0, sleepers.load(ordering: .sequentiallyConsistent) > 0 { bell.ring() }
            return true
        }
        return false
    }

    /// Returns once `condition` holds: looks often at first, then sleeps until the bell rings.
    private func wait(until condition: () -> Bool) {
        for spin in 0..<JobBoard.spins {
            if condition() { return }
            if spin % 16 == 15 { sched_yield() }
        }
        sleepers.add(1, ordering: .sequentiallyConsistent)
        bell.wait(until: condition)
        sleepers.subtract(1, ordering: .sequentiallyConsistent)
    }
}

/// A mutex and a condition variable.
private final class Bell: Sendable {
    nonisolated(unsafe) private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    nonisolated(unsafe) private let condition = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)

    init() {
        pthread_mutex_init(mutex, nil)
        pthread_cond_init(condition, nil)
    }

    deinit {
        pthread_cond_destroy(condition)
        pthread_mutex_destroy(mutex)
        condition.deallocate()
        mutex.deallocate()
    }

    func ring() {
        pthread_mutex_lock(mutex)
        pthread_cond_broadcast(condition)
        pthread_mutex_unlock(mutex)
    }

    func wait(until isMet: () -> Bool) {
        pthread_mutex_lock(mutex)
        while !isMet() { pthread_cond_wait(condition, mutex) }
        pthread_mutex_unlock(mutex)
    }
}
