import GraphIR
import MixtureOfDepths
import Operators
import Passes
import Runtime

/// Proves that a converted model is what its manifest says.
///
/// docs/verification.md describes the checks: six, and one more for a network in integers. Each is independent of the code that made the conversion:
/// the checks read the two graphs and the manifest, and run both graphs as far as they can be run.
public struct Verifier: Sendable {
    let source: Model
    let converted: Model
    let options: VerificationOptions
    /// The converted file's record of its blocks; nil for a file without MoD blocks (ratio 1).
    let manifest: Manifest?
    /// The converted graph as it is, if it computes in integers; `converted` is then the float network that it stands
    /// for.
    let integers: Graph?

    /// Runs all checks, except those whose precondition failed (an invalid graph cannot be run).
    ///
    /// - Throws: `VerificationError`, or a `RuntimeError` if inputs do not fit. A failed check is not an
    ///   error.
    public static func verify(
        source: Model, converted: Model, options: VerificationOptions = VerificationOptions()
    ) throws -> Verification {
        var converted = converted
        var manifest = Manifest(converted)
        if manifest == nil, Manifest.isIn(converted) { throw VerificationError.manifest("cannot be read") }
        if manifest == nil {
            let canonical = try Pipeline.canonical().run(converted.graph)
            manifest = Manifest.recognised(in: canonical)
            if manifest != nil { converted.graph = canonical }
        }
        var source = source
        let shapes = manifest?.request?.inputShapes ?? []
        if let fixed = try FixInputShapes(shapes).run(source.graph) { source.graph = fixed }
        var integers: Graph?
        if converted.graph.isQuantized, !source.graph.isQuantized {
            integers = converted.graph
            let definition = FloatDefinition(source: source.graph, isClamped: manifest == nil)
            // An invalid graph is reported by check 1.
            converted.graph = (try? definition.of(converted.graph)) ?? converted.graph
        }
        let verifier = Verifier(
            source: source, converted: converted, options: options, manifest: manifest, integers: integers)
        return try verifier.verification()
    }

    private func verification() throws -> Verification {
        let file = integers.map(verifying) ?? self
        var checks = [try file.checkValidity()]
        guard checks[0].outcome == .passed else { return Verification(checks: checks, boundary: nil) }
        checks.append(file.checkSignature())
        guard checks[1].outcome == .passed else { return Verification(checks: checks, boundary: nil) }
        let runs = try Runs(self)
        checks.append(checkPrefix(runs))
        checks.append(try checkBlocks(runs))
        guard let integers else {
            checks.append(try checkBatch(runs))
            checks.append(try checkDrift(runs))
            return Verification(checks: checks, boundary: runs.reach.boundary ?? runs.sourceReach.boundary)
        }
        let whole = verifying(integers)
        let integerRuns = try Runs(whole)
        checks.append(try whole.checkBatch(integerRuns))
        checks.append(try whole.checkDrift(integerRuns))
        checks.append(try checkIntegers(integers))
        return Verification(checks: checks, boundary: runs.reach.boundary ?? runs.sourceReach.boundary)
    }

    /// A verifier of a network as a whole, its blocks not known.
    private func verifying(_ graph: Graph) -> Verifier {
        var model = converted
        model.graph = graph
        return Verifier(source: source, converted: model, options: options, manifest: nil, integers: nil)
    }

    func check(
        _ kind: VerificationCheck.Kind, _ outcome: VerificationCheck.Outcome, _ summary: String,
        details: [String] = [], figures: KeyValuePairs<String, Double> = [:]
    ) -> VerificationCheck {
        VerificationCheck(
            kind: kind, outcome: outcome, summary: summary, details: details,
            figures: figures.map { VerificationCheck.Figure(name: $0.key, value: $0.value) })
    }
}
