import Calibration
import GraphIR
import Runtime

/// Measures the time that models take for one sample.
public enum SpeedComparison {
    /// The median times of models that run in turn, so that other load on the machine affects all alike.
    public static func milliseconds(
        _ graphs: [Graph], images: any CalibrationImages, threads: Int, limits: RunLimits,
        runs: Int = 15
    ) throws -> [Double] {
        let sessions = try graphs.map {
            try Session($0, options: SessionOptions(threads: threads, limits: limits))
        }
        let feeds = try graphs.map { try NetworkInputs($0, images) }
        let sample = Array(0..<min(images.count, feeds.first?.format.batch ?? 1))
        let inputs = try feeds.map { try $0.named(sample, in: 0..<images.count) }
        var times = graphs.map { _ in [Double]() }
        for run in 0...runs {
            for (index, session) in sessions.enumerated() {
                let start = ContinuousClock.now
                _ = try session.run(inputs[index])
                let elapsed = start.duration(to: .now)
                // The first run plans and packs, so it is not timed.
                if run > 0 { times[index].append(elapsed / .milliseconds(1)) }
            }
        }
        return times.map { $0.sorted()[$0.count / 2] }
    }
}
