import GraphIR
import Measurement
import Runtime

/// Where a model's time goes: by layer, by kernel, in total, compared with the machine's peak.
///
/// Times are medians over the runs. Rates count two operations for each multiply-accumulate by definition,
/// even if a kernel saves some, and each operand's bytes once. Each step is held to the peak of its kind of numbers: its share
/// of the peak is the time that its operations would take at that peak over the time that it took.
public struct ProfileReport: JSONDocument, Sendable {
    public static let schema = "profile/1"

    /// The work and time of one step, or of several.
    public struct Rate: Encodable, Sendable {
        let ms: Double
        /// The share of the sum over all steps.
        let timeShare: Double
        let gflops: Double
        let shareOfPeak: Double
        let gbytesPerSecond: Double
        let shareOfBandwidth: Double
    }

    /// A step of the plan: a node and the nodes fused into it.
    public struct Layer: Encodable, Sendable {
        let name: String
        let operators: [String]
        let kernel: String
        let macs: Int
        let bytes: Int
        let rate: Rate
    }

    /// All steps of one kernel.
    public struct Kernel: Encodable, Sendable {
        let kernel: String
        let steps: Int
        let rate: Rate
    }

    /// The machine's peak, measured.
    public struct Peak: Encodable, Sendable {
        let gflops: Double
        /// Of quantised numbers, in 10^9 operations a second.
        let int8Gops: Double
        let gbytesPerSecond: Double
    }

    let file: String
    let batch: Int?
    let threads: Int
    let runs: Int
    let instructionSet: String
    /// The peak measured with the same number of threads.
    let peak: Peak
    /// A whole run: median, shortest, longest.
    let totalMs: Double
    let minMs: Double
    let maxMs: Double
    let gflops: Double
    let shareOfPeak: Double
    let peakActivationBytes: Int
    let kernels: [Kernel]
    let layers: [Layer]

    /// - Parameter graph: the graph that was profiled.
    public init(file: String, batch: Int?, graph: Graph, profile: SessionProfile, peak: MachinePeak) {
        let steps = profile.steps.map { Work($0, peak) }
        let all = steps.reduce(Work(), +)
        let runs = Sample(profile.seconds)
        let seconds = runs?.median ?? 0
        self.file = file
        self.batch = batch
        threads = profile.threads
        self.runs = profile.seconds.count
        instructionSet = profile.instructionSet.rawValue
        self.peak = Peak(
            gflops: peak.operationsPerSecond / 1e9, int8Gops: peak.byteOperationsPerSecond / 1e9,
            gbytesPerSecond: peak.bytesPerSecond / 1e9)
        totalMs = 1000 * seconds
        minMs = 1000 * (runs?.minimum ?? 0)
        maxMs = 1000 * (runs?.maximum ?? 0)
        gflops = seconds > 0 ? 2 * Double(all.macs) / seconds / 1e9 : 0
        shareOfPeak = seconds > 0 ? all.leastSeconds / seconds : 0
        peakActivationBytes = profile.peakActivationBytes
        layers = zip(profile.steps, steps).map { step, work in
            Layer(
                name: step.label,
                operators: step.nodes.filter(graph.contains).map { graph[$0].operatorType },
                kernel: step.kernel, macs: work.macs, bytes: work.bytes, rate: Rate(work, of: all, peak))
        }
        var groups: [(kernel: String, steps: Int, work: Work)] = []
        for (step, work) in zip(profile.steps, steps) {
            if let index = groups.firstIndex(where: { $0.kernel == step.kernel }) {
                groups[index] = (step.kernel, groups[index].steps + 1, groups[index].work + work)
            } else {
                groups.append((step.kernel, 1, work))
            }
        }
        kernels = groups.sorted { $0.work.seconds > $1.work.seconds }.map {
            Kernel(kernel: $0.kernel, steps: $0.steps, rate: Rate($0.work, of: all, peak))
        }
    }

    /// The text that the command prints.
    public var text: String { [layerTable, kernelTable, totals].joined(separator: "\n") }

    private static let rateColumns: [(title: String, alignment: TextTable.Alignment)] = [
        ("time", .right), ("share", .right), ("Gop/s", .right), ("of peak", .right), ("GB/s", .right),
        ("of memory", .right),
    ]

    private var layerTable: String {
        var table = TextTable(
            [("layer", .left), ("operators", .left), ("kernel", .left)] + ProfileReport.rateColumns,
            droppable: [1, 7, 8])
        for layer in layers {
            table.add(
                [layer.name, layer.operators.joined(separator: "+"), layer.kernel] + layer.rate.cells)
        }
        return table.text
    }

    private var kernelTable: String {
        var table = TextTable([("kernel", .left), ("steps", .right)] + ProfileReport.rateColumns)
        for kernel in kernels { table.add([kernel.kernel, "\(kernel.steps)"] + kernel.rate.cells) }
        return table.text
    }

    private var totals: String {
        var facts = FactList()
        facts.add(
            "run",
            "\(Quantity.milliseconds(totalMs)) (\(Quantity.milliseconds(minMs)) to "
                + "\(Quantity.milliseconds(maxMs))), median of \(runs) after a warm-up")
        facts.add(
            "rate",
            "\(Quantity.fixed(gflops, decimals: 1)) Gop/s, \(Quantity.percent(shareOfPeak)) of the peak")
        facts.add(
            "machine",
            "\(Quantity.fixed(peak.gflops, decimals: 1)) Gop/s of floats, "
                + "\(Quantity.fixed(peak.int8Gops, decimals: 1)) of integers, "
                + "\(Quantity.fixed(peak.gbytesPerSecond, decimals: 1)) GB/s from memory, all measured")
        facts.add(
            "engine",
            "\(instructionSet), \(threads) \(threads == 1 ? "thread" : "threads")"
                + (batch.map { ", batch \($0)" } ?? ""))
        facts.add("activations", "\(Quantity.bytes(peakActivationBytes)) at one time")
        facts.add("convention", "2 operations for each multiply-accumulate of Conv, Gemm and MatMul")
        return facts.text
    }
}

/// Work done in some seconds.
private struct Work {
    var seconds = 0.0
    /// The seconds that the operations would take at the machine's peak.
    var leastSeconds = 0.0
    var macs = 0
    var bytes = 0

    init() {}

    init(_ step: StepProfile, _ peak: MachinePeak) {
        seconds = Sample(step.seconds)?.median ?? 0
        (macs, bytes) = (step.macs, step.bytes)
        leastSeconds =
            2 * Double(macs) / (step.isQuantized ? peak.byteOperationsPerSecond : peak.operationsPerSecond)
    }

    static func + (a: Work, b: Work) -> Work {
        var sum = a
        sum.seconds += b.seconds
        sum.leastSeconds += b.leastSeconds
        sum.macs += b.macs
        sum.bytes += b.bytes
        return sum
    }
}

extension ProfileReport.Rate {
    fileprivate init(_ work: Work, of all: Work, _ peak: MachinePeak) {
        func rate(_ amount: Double) -> Double { work.seconds > 0 ? amount / work.seconds : 0 }
        let (operations, bytes) = (rate(2 * Double(work.macs)), rate(Double(work.bytes)))
        ms = 1000 * work.seconds
        timeShare = all.seconds > 0 ? work.seconds / all.seconds : 0
        gflops = operations / 1e9
        shareOfPeak = work.seconds > 0 ? work.leastSeconds / work.seconds : 0
        gbytesPerSecond = bytes / 1e9
        shareOfBandwidth = bytes / peak.bytesPerSecond
    }

    fileprivate var cells: [String] {
        [
            Quantity.milliseconds(ms), Quantity.percent(timeShare),
            gflops == 0 ? "" : Quantity.fixed(gflops, decimals: 1),
            gflops == 0 ? "" : Quantity.percent(shareOfPeak),
            Quantity.fixed(gbytesPerSecond, decimals: 1), Quantity.percent(shareOfBandwidth),
        ]
    }
}

extension Quantity {
    /// A share with one decimal: `12.5 %`.
    static func percent(_ share: Double) -> String { fixed(100 * share, decimals: 1) + " %" }
}
