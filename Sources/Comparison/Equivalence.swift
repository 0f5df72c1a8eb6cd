import GraphIR
import Runtime
import Verification

/// Whether two models compute the same outputs from seeded inputs.
public struct Equivalence: Sendable {
    /// The largest difference of one output over all samples.
    public struct Output: Sendable, Encodable {
        /// The graph output's name.
        public let name: String
        /// The largest absolute difference of two elements.
        public let maxAbsolute: Double
        /// Over the largest magnitude of the first model's output.
        public let relative: Double
        /// The allowed `relative`.
        public let tolerance: Double
        /// Why the two cannot be compared: their type or number differs.
        public let problem: String?

        /// Whether the output is the same within the tolerance.
        public var isEqual: Bool { problem == nil && relative <= tolerance }
    }

    /// The number of runs compared.
    public let samples: Int
    /// The batch used where it is open: two samples run together, or 1 if the source accepts no more or fixes
    /// its batch.
    public let batch: Int
    /// The shapes of the inputs by name, if the source leaves more open than the batch or the caller gave
    /// any; otherwise nil.
    public let shapes: [String: [Int]]?
    /// The seed of the inputs.
    public let seed: UInt64
    /// The outputs in the graph's order.
    public let outputs: [Output]

    /// The first output that differs.
    public var failure: Output? { outputs.first { !$0.isEqual } }

    /// The allowed difference of outputs, relative to their largest magnitude. It covers the order of fp32
    /// sums, and half precision's 11 bits.
    public static func defaultTolerance(_ type: ElementType) -> Double {
        switch type {
        case .float16, .bfloat16: 5e-3
        default: 1e-5
        }
    }

    /// Runs both graphs on the same inputs.
    ///
    /// If the batch is open, two different samples run together, which exposes a batch that was fixed by
    /// mistake. A source that only accepts one sample runs one.
    ///
    /// - Parameters:
    ///   - samples: the number of runs, each on other inputs.
    ///   - shapes: the shapes, for this check, of inputs that the source leaves open.
    ///   - tolerance: the tolerance of all outputs; nil for `defaultTolerance` of each one's type.
    /// - Throws: `EquivalenceError` if the source cannot be run; any other error of running.
    public init(
        of source: Graph, and other: Graph, samples: Int, shapes: CheckShapes = CheckShapes(),
        seed: UInt64 = 0, tolerance: Double? = nil, threads: Int? = nil, limits: RunLimits = RunLimits()
    ) throws {
        let options = SessionOptions(threads: threads, limits: limits)
        let reference = try ReferenceRuns(source, shapes, seed: seed, options)
        let session = try Session(other, options: options)
        var worst: [String: Output] = [:]
        for index in 0..<samples {
            let sample = try reference.sample(index)
            let results = Dictionary(
                try session.run(sample.inputs).map { ($0.name, $0.tensor) },
                uniquingKeysWith: { first, _ in first })
            for (name, expected) in sample.outputs {
                let output = Output(
                    name, results[name], expected: expected,
                    tolerance ?? Equivalence.defaultTolerance(expected.elementType))
                if let known = worst[name], known.relative >= output.relative { continue }
                worst[name] = output
            }
        }
        self.samples = samples
        batch = reference.batch
        self.shapes = reference.chosenShapes
        self.seed = seed
        outputs = source.outputs.compactMap { worst[source[$0].name] }
    }
}

/// The source's runs on seeded inputs, of as many samples as it accepts.
private struct ReferenceRuns {
    typealias Sample = (inputs: [String: Tensor], outputs: [(name: String, tensor: Tensor)])

    let batch: Int
    /// See `Equivalence.shapes`.
    let chosenShapes: [String: [Int]]?
    private let graph: Graph
    private let shapes: [String: Shape]
    private let seed: UInt64
    private let session: Session
    /// The sample of index 0, which showed the batch that the source accepts.
    private let first: Sample

    init(_ graph: Graph, _ choice: CheckShapes, seed: UInt64, _ options: SessionOptions) throws {
        self.graph = graph
        self.seed = seed
        let candidates = choice.candidates(for: graph)
        do {
            session = try Session(graph, options: options)
            (first, shapes, batch) = try ReferenceRuns.first(of: candidates, session, graph, seed: seed)
        } catch let error as any DiagnosableError {
            throw EquivalenceError.notRunnable(error.diagnostic, isOpen: candidates.count > 1)
        }
        chosenShapes = choice.isMade(for: graph) ? first.inputs.mapValues(\.shape) : nil
    }

    func sample(_ index: Int) throws -> Sample {
        index == 0
            ? first : try ReferenceRuns.run(session, graph, shapes, batch: batch, seed: seed, index: index)
    }

    /// The run of the first shapes and batch that the source accepts.
    ///
    /// - Throws: why the source rejects the first of them.
    private static func first(
        of candidates: [[String: Shape]], _ session: Session, _ graph: Graph, seed: UInt64
    ) throws -> (Sample, [String: Shape], batch: Int) {
        var failure: (any Error)?
        for shapes in candidates {
            let isOpen = shapes.values.contains { $0.dims.first.map { $0.value == nil } ?? false }
            for batch in isOpen ? [2, 1] : [1] {
                do {
                    return (
                        try run(session, graph, shapes, batch: batch, seed: seed, index: 0), shapes, batch
                    )
                } catch {
                    // The error for one sample says more than the error for two.
                    if failure == nil, batch == 1 { failure = error }
                }
            }
        }
        throw failure
            ?? EquivalenceError.notRunnable(Diagnostic(.badData, problem: "no shapes"), isOpen: true)
    }

    private static func run(
        _ session: Session, _ graph: Graph, _ shapes: [String: Shape], batch: Int, seed: UInt64, index: Int
    ) throws -> Sample {
        let inputs = try SeededInputs.tensors(
            for: graph, batch: batch, seed: seed, index: index, shapes: shapes)
        return (inputs, try session.run(inputs))
    }
}

extension Equivalence.Output {
    fileprivate init(_ name: String, _ value: Tensor?, expected: Tensor, _ tolerance: Double) {
        self.name = name
        self.tolerance = tolerance
        guard let value, let difference = Difference(value, from: expected) else {
            (maxAbsolute, relative) = (.infinity, .infinity)
            problem = "is \(value?.type.description ?? "missing"), expected \(expected.type)"
            return
        }
        maxAbsolute = difference.maxAbsolute
        relative = difference.relative
        problem = nil
    }
}

/// A comparison that cannot be done.
public enum EquivalenceError: DiagnosableError {
    /// The source cannot be run on seeded inputs, with the reason. `isOpen` if it leaves more of their shapes
    /// open than the batch, and another shape may work.
    case notRunnable(Diagnostic, isOpen: Bool)

    public var diagnostic: Diagnostic {
        switch self {
        case .notRunnable(let cause, let isOpen):
            let place = cause.place.map { "\($0): " } ?? ""
            let remedy = isOpen ? "give the check a shape with --check-shape" : cause.remedy
            return Diagnostic(
                cause.category, file: cause.file,
                problem: "the source cannot be run for the check: \(place)\(cause.problem)",
                remedy: (remedy.map { "\($0), or " } ?? "") + "do without the check (--check 0)")
        }
    }
}
