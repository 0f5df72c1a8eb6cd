import GraphIR
import MixtureOfDepths
import Operators
import Passes
import Runtime

/// Proves that a converted model is what its manifest says it is.
///
/// The six checks are described in docs/verification.md. Each is independent of the code that made the
/// conversion: the checks read the two graphs and the manifest, and run both graphs, as far as they can be run.
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
        return try verifier.verification()
    }

    private func verification() throws -> Verification {
        var checks = [try checkValidity()]
        guard checks[0].outcome == .passed else { return Verification(checks: checks, boundary: nil) }
        checks.append(checkSignature())
        guard checks[1].outcome == .passed else { return Verification(checks: checks, boundary: nil) }
        let runs = try Runs(self)
        checks.append(checkPrefix(runs))
        checks.append(try checkBlocks(runs))
        checks.append(try checkBatch(runs))
        checks.append(try checkDrift(runs))
        return Verification(checks: checks, boundary: runs.reach.boundary ?? runs.sourceReach.boundary)
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
