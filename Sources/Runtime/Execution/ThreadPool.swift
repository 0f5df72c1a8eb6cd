import CKernels
import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// A fixed set of threads that share the tasks of one job at a time.
///
/// Each thread has a range of the tasks, in order, so it mostly reads from its own cache what it wrote in the
/// job before. When its own range is done, it takes tasks from the others'. Tasks are claimed one by one by
/// atomic tickets, so the calling thread finishes whatever a late worker has not claimed: on a busy machine a
/// job never waits for a worker to wake up. Idle workers spin briefly, then sleep. Jobs must come from one
/// thread at a time.
final class ThreadPool: Sendable {
    /// The number of threads that take part in a job, the caller's included.
    let threads: Int
    private let board: JobBoard
    private let workers: [pthread_t]

    /// - Parameter threads: at least 1 is used; fewer if the system refuses to start that many.
    init(threads: Int) {
        let board = JobBoard(threads: threads)
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
    /// - Parameter body: receives the task and the index of the thread that runs it, below `threads`.
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

/// The arguments of a new thread.
private final class WorkerStart: Sendable {
    let board: JobBoard
    let index: Int

    init(board: JobBoard, index: Int) {
        self.board = board
        self.index = index
    }
}

/// The current job, and the meeting point of its threads.
private final class JobBoard: Sendable {
    typealias Body = (_ task: Int, _ thread: Int) -> Void

    /// A ticket for each thread.
    nonisolated(unsafe) private let tickets: UnsafeMutablePointer<Ticket>
    private let threads: Int
    /// Tasks of the job that have not completed.
    private let outstanding = Atomic<Int>(0)
    private let sleepers = Atomic<Int>(0)
    private let isStopping = Atomic<Bool>(false)
    nonisolated(unsafe) private var body: UnsafePointer<Body>?
    nonisolated(unsafe) private var total = 0
    /// The job's number; only the thread that submits jobs uses it.
    nonisolated(unsafe) private var job: UInt32 = 0
    private let bell = Bell()

    init(threads: Int) {
        self.threads = max(1, threads)
        tickets = .allocate(capacity: self.threads)
        for index in 0..<self.threads { (tickets + index).initialize(to: Ticket()) }
    }

    deinit {
        tickets.deinitialize(count: threads)
        tickets.deallocate()
    }

    /// How often an idle thread looks for work, with `pauses` in between, before it sleeps: for some hundreds
    /// of microseconds, longer than a thread waits for another's last task. A thread that slept between the
    /// steps of a run would be late for each, get fewer tasks, and so wait and sleep again.
    private static let spins = 4000
    private static let pauses = 8
    /// The number of looks after which an idle thread yields the processor.
    private static let looks = 64

    func run(tasks: Int, _ body: UnsafePointer<Body>) {
        self.body = body
        total = tasks
        outstanding.store(tasks, ordering: .relaxed)
        job &+= 1
        for index in 0..<threads { tickets[index].publish(job, tasks: range(of: index).count) }
        if sleepers.load(ordering: .sequentiallyConsistent) > 0 { bell.ring() }
        runTasks(thread: 0)
        wait { outstanding.load(ordering: .sequentiallyConsistent) == 0 }
        self.body = nil
    }

    /// The tasks that a thread takes first.
    private func range(of thread: Int) -> Range<Int> {
        thread * total / threads..<(thread + 1) * total / threads
    }

    func work(thread: Int) {
        while true {
            wait { hasUnclaimed || isStopping.load(ordering: .sequentiallyConsistent) }
            if isStopping.load(ordering: .acquiring) { return }
            runTasks(thread: thread)
        }
    }

    func stop() {
        isStopping.store(true, ordering: .sequentiallyConsistent)
        bell.ring()
    }

    private var hasUnclaimed: Bool {
        for index in 0..<threads where tickets[index].unclaimed > 0 { return true }
        return false
    }

    /// Runs the thread's own tasks, then those that others have not claimed.
    private func runTasks(thread: Int) {
        for offset in 0..<threads {
            let owner = (thread + offset) % threads
            while let left = tickets[owner].claim() {
                // Read after the claim, so they are those of the claimed task's job.
                body?.pointee(range(of: owner).upperBound - left, thread)
                let outstanding = outstanding.subtract(1, ordering: .sequentiallyConsistent).newValue
                if outstanding == 0, sleepers.load(ordering: .sequentiallyConsistent) > 0 { bell.ring() }
            }
        }
    }

    /// Returns once `condition` holds: looks often at first, then sleeps until the bell rings.
    private func wait(until condition: () -> Bool) {
        for spin in 0..<JobBoard.spins {
            if condition() { return }
            for _ in 0..<JobBoard.pauses { ck_relax() }
            if spin % JobBoard.looks == JobBoard.looks - 1 { sched_yield() }
        }
        sleepers.add(1, ordering: .sequentiallyConsistent)
        bell.wait(until: condition)
        sleepers.subtract(1, ordering: .sequentiallyConsistent)
    }
}

/// The unclaimed tasks of one thread's range, in a cache line of its own.
///
/// The upper half is the job's number, the lower half the number of tasks. A claim takes one task by
/// compare-and-swap of the whole word, so a thread that is late for one job cannot claim from the next by
/// mistake. A job cannot end between a claim and the task's completion, so a thread that has claimed a task
/// reads only that job's data.
private struct Ticket: ~Copyable {
    private let word = Atomic<UInt64>(0)
    private let padding = (0, 0, 0, 0, 0, 0, 0)

    var unclaimed: UInt64 { word.load(ordering: .sequentiallyConsistent) & 0xffff_ffff }

    func publish(_ job: UInt32, tasks: Int) {
        word.store(UInt64(job) << 32 | UInt64(tasks), ordering: .sequentiallyConsistent)
    }

    /// Claims the first unclaimed task; the number of tasks from it to the range's end, or nil if there is
    /// none.
    func claim() -> Int? {
        var seen = word.load(ordering: .acquiring)
        while seen & 0xffff_ffff > 0 {
            let (claimed, current) = word.compareExchange(
                expected: seen, desired: seen - 1, ordering: .acquiringAndReleasing)
            if claimed { return Int(seen & 0xffff_ffff) }
            seen = current
        }
        return nil
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
