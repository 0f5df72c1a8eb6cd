import GraphIR

extension Verifier {
    /// Check 2: the same graph inputs and outputs, by name, element type, shape and order.
    ///
    /// Inputs with a default (weights, as IR 3 lists them) are not part of the signature.
    func checkSignature() -> VerificationCheck {
        let before = Verifier.signature(source.graph)
        let after = Verifier.signature(converted.graph)
        guard before == after else {
            let details = zip(before, after).filter { $0 != $1 }.map { "\($0) became \($1)" }
            return check(
                .signature, .failed,
                details.first ?? "\(before.count) inputs and outputs became \(after.count)",
                details: details)
        }
        let shapes = (manifest?.request?.inputShapes ?? []).map(\.description)
        let note =
            shapes.isEmpty
            ? "" : " (the source's inputs fixed by --input-shape \(shapes.joined(separator: ", ")))"
        return check(.signature, .passed, after.joined(separator: ", ") + note)
    }

    private static func signature(_ graph: Graph) -> [String] {
        func text(_ id: ValueID) -> String {
            let value = graph[id]
            return "\(value.name) \(value.signatureType?.tensor?.description ?? "(no tensor)")"
        }
        return graph.requiredInputs.map(text) + graph.outputs.map(text)
    }
}
