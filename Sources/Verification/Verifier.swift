import GraphIR
import MixtureOfDepths
import Operators
import Passes
import Runtime

/// Proves that a converted model is what its manifest says it is.
///
/// The six checks are described in docs/verification.md. Each is independent of the code that made the
/// conversion: the checks read the two graphs and the manifest, and run both graphs.
public struct Verifier: Sendable {
    let source: Model
    let converted: Model
    let options: VerificationOptions
    /// The converted file's account of its blocks; nil for a file without MoD blocks (ratio 1).
    let manifest: Manifest?

    /// Runs all checks. A check whose precondition failed (an invalid graph cannot be run) is not made.
    ///
    /// - Throws: `VerificationError` or a `RuntimeError` if inputs do not fit; a failed check is no error.
    public static func verify(
        source: Model, converted: Model, options: VerificationOptions = VerificationOptions()
    ) throws -> Verification {
        var converted = converted
        var manifest = Manifest(converted)
        if manifest == nil, converted.metadata.contains(where: { $0.key == Manifest.prefix + "blocks" }) {
            throw VerificationError.manifest("cannot be read")
        }
        if manifest == nil {
            let canonical = try Pipeline.canonical().run(converted.graph)
            manifest = Manifest.recognised(in: canonical)
            if manifest != nil { converted.graph = canonical }
        }
        var source = source
        let shapes = manifest?.inputShapes.compactMap { InputShape($0) } ?? []
        if let fixed = try FixInputShapes(shapes).run(source.graph) { source.graph = fixed }
        let verifier = Verifier(source: source, converted: converted, options: options, manifest: manifest)
        return Verification(checks: try verifier.checks())
    }

    private func checks() throws -> [VerificationCheck] {
        var checks = [try checkValidity()]
        guard checks[0].outcome == .passed else { return checks }
        checks.append(checkSignature())
        guard checks[1].outcome == .passed else { return checks }
        let runs = try Runs(self)
        checks.append(checkPrefix(runs))
        checks.append(try checkBlocks(runs))
        checks.append(try checkBatch(runs))
        checks.append(try checkDrift(runs))
        return checks
    }

    func check(
        _ number: Int, _ title: String, _ outcome: VerificationCheck.Outcome, _ summary: String,
        details: [String] = [], figures: KeyValuePairs<String, Double> = [:]
    ) -> VerificationCheck {
        VerificationCheck(
            number: number, title: title, outcome: outcome, summary: summary, details: details,
            figures: figures.map { VerificationCheck.Figure(name: $0.key, value: $0.value) })
    }
}

/// Both graphs run on the same inputs, inner values included.
struct Runs {
    struct Sample {
        let inputs: [String: Tensor]
        let source: [String: Tensor]
        let converted: [String: Tensor]
    }

    let samples: [Sample]
    /// The values before the first MoD block that both graphs have, in topological order.
    let sharedPrefix: [String]
    /// Runs the converted graph; its batch is free where the graph allows that.
    let session: Session
    let hasFreeBatch: Bool

    /// Runs the source on all samples, then the converted graph: only one of the two holds packed weights at a
    /// time.
    init(_ verifier: Verifier) throws {
        let (source, converted) = (verifier.source.graph, verifier.converted.graph)
        sharedPrefix = Runs.sharedPrefix(source, converted, verifier.manifest)
        let blockValues = verifier.manifest?.blocks.flatMap(\.valueNames) ?? []
        for name in blockValues where converted.value(named: name) == nil {
            throw VerificationError.manifest("names a value \"\(name)\" that the graph does not have")
        }
        let options = verifier.options
        let inputs =
            try options.inputs
            ?? (0..<options.samples).map {
                try SeededInputs.tensors(for: converted, batch: 1, seed: options.seed, index: $0)
            }
        let exact = SessionOptions(threads: options.threads, isExact: true, limits: options.limits)
        let before = try Runs.tables(Session(source, options: exact), inputs, taps: sharedPrefix)
        let batched = converted.freeingBatch()
        hasFreeBatch = batched != nil
        session = try Session(batched ?? converted, options: exact)
        let after = try Runs.tables(session, inputs, taps: unique(sharedPrefix + blockValues))
        samples = zip(inputs, zip(before, after)).map {
            Sample(inputs: $0, source: $1.0, converted: $1.1)
        }
    }

    private static func tables(
        _ session: Session, _ inputs: [[String: Tensor]], taps: [String]
    ) throws -> [[String: Tensor]] {
        try inputs.map { try session.table($0, taps: taps) }
    }

    /// The values that no MoD block has touched and that both graphs compute under one name and shape.
    private static func sharedPrefix(_ source: Graph, _ converted: Graph, _ manifest: Manifest?) -> [String] {
        var touched = Set(manifest?.blocks.map(\.output) ?? [])
        var names: [String] = []
        for node in converted.nodes {
            let isTouched = (node.inputs + node.captures).contains { input in
                input.map { touched.contains(converted[$0].name) } ?? false
            }
            for case let output? in node.outputs {
                let value = converted[output]
                if isTouched || isInsideBlock(value.name, manifest) {
                    touched.insert(value.name)
                } else if let twin = source.value(named: value.name), twin.constant == nil,
                    twin.shape?.rank == value.shape?.rank
                {
                    names.append(value.name)
                }
            }
        }
        return names
    }

    private static func isInsideBlock(_ name: String, _ manifest: Manifest?) -> Bool {
        manifest?.blocks.contains { $0.output == name || name.hasPrefix("\($0.scope)/mod/") } ?? false
    }
}

func unique(_ names: [String]) -> [String] {
    var seen: Set<String> = []
    return names.filter { seen.insert($0).inserted }
}

extension Session {
    /// The results of a run by name.
    func table(_ inputs: [String: Tensor], taps: [String] = []) throws -> [String: Tensor] {
        Dictionary(
            try run(inputs, taps: taps).map { ($0.name, $0.tensor) }, uniquingKeysWith: { first, _ in first })
    }
}

extension Manifest.Block {
    /// The values of the block that checks look at.
    var valueNames: [String] {
        [input, output, gathered, body] + [scores, indices, gate].compactMap { $0 }
            + (routes ?? []).flatMap { [$0.scores, $0.indices] + ($0.gates.map { [$0] } ?? []) }
    }
}
