import CKernels
import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// The machine's peak rates, measured on the spot.
public struct MachinePeak: Sendable, Equatable {
    /// Floating-point operations a second of independent fused multiply-adds on registers (two for each
    /// multiply-add of each lane), over all threads together, with the processor's widest vectors.
    public let operationsPerSecond: Double
    /// Operations a second of independent multiply-adds of quantised numbers on registers (two for each), in the way that is
    /// fastest on this processor.
    public let byteOperationsPerSecond: Double
    /// Bytes a second that the threads read together from memory, beyond the last cache.
    public let bytesPerSecond: Double
    /// The number of threads that measured together.
    public let threads: Int

    /// Measures for about half a second.
    ///
    /// - Parameter threads: the number of threads that work at the same time; at least 1.
    public static func measure(threads: Int) -> MachinePeak {
        let threads = max(1, threads)
        let set = ck_isa_best()
        return MachinePeak(
            operationsPerSecond: best(of: fmaRepetitions, threads: threads) { _ in
                var sink: Float = 0
                return ck_peak_fma(set, fmaRounds, &sink)
            },
            byteOperationsPerSecond: best(of: fmaRepetitions, threads: threads) { _ in
                var sink: Int32 = 0
                return ck_q_peak(set, fmaRounds, &sink)
            },
            bytesPerSecond: readBandwidth(set, threads), threads: threads)
    }

    /// Enough for some milliseconds each on a processor of a few GHz.
    private static let fmaRounds = 2_000_000
    private static let fmaRepetitions = 7
    private static let readRepetitions = 5

    private static func readBandwidth(_ set: ck_isa, _ threads: Int) -> Double {
        let count = bufferBytes / MemoryLayout<Float>.stride / threads
        let buffers = (0..<threads).map { _ in FloatBuffer(count: count) }
        return best(of: readRepetitions, threads: threads) { thread in
            let buffer = buffers[thread]
            buffer.checksum = ck_peak_read(set, buffer.start, buffer.count)
            return Double(buffer.count * MemoryLayout<Float>.stride)
        }
    }

    /// Four times the last-level cache, but at least 64 MB and at most 512 MB.
    private static var bufferBytes: Int {
        let cache = sysconf(Int32(_SC_LEVEL3_CACHE_SIZE))
        return min(512 << 20, max(64 << 20, 4 * max(0, cache)))
    }

    /// The largest sum of the threads' rates (what `work` returns over the time it takes).
    private static func best(
        of repetitions: Int, threads: Int, _ work: @escaping @Sendable (_ thread: Int) -> Double
    ) -> Double {
        (0..<repetitions).reduce(0) { best, _ in max(best, rate(threads, work)) }
    }

    private static func rate(_ threads: Int, _ work: @escaping @Sendable (Int) -> Double) -> Double {
        let total = TotalRate()
        let workers = (0..<threads).compactMap { thread in
            start {
                let begin = MonotonicClock.seconds()
                let amount = work(thread)
                total.add(amount / max(MonotonicClock.seconds() - begin, 1e-9))
            }
        }
        for worker in workers { pthread_join(worker, nil) }
        return total.value
    }

    /// A thread that does the work; nil if the system starts no more.
    private static func start(_ work: @escaping @Sendable () -> Void) -> pthread_t? {
        let box = Unmanaged.passRetained(Work(work))
        var handle = pthread_t()
        let code = pthread_create(
            &handle, nil,
            { argument in
                guard let argument else { return nil }
                Unmanaged<Work>.fromOpaque(argument).takeRetainedValue().body()
                return nil
            }, box.toOpaque())
        guard code == 0 else {
            box.release()
            return nil
        }
        return handle
    }
}

/// The work of a new thread, in a box that its start can carry.
private final class Work: Sendable {
    let body: @Sendable () -> Void

    init(_ body: @escaping @Sendable () -> Void) { self.body = body }
}

/// A sum that threads add to.
private final class TotalRate: Sendable {
    private let sum = Mutex(0.0)

    func add(_ rate: Double) { sum.withLock { $0 += rate } }

    var value: Double { sum.withLock { $0 } }
}

/// The memory of one thread, with all of its pages touched.
private final class FloatBuffer: @unchecked Sendable {
    let start: UnsafeMutablePointer<Float>
    let count: Int
    /// The sum of the values read, so that the compiler cannot omit the reads.
    var checksum: Float = 0

    init(count: Int) {
        self.count = count
        start = .allocate(capacity: max(1, count))
        start.initialize(repeating: 1, count: count)
    }

    deinit { start.deallocate() }
}
