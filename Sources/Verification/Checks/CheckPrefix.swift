import GraphIR

extension Verifier {
    /// Check 3: everything before the first MoD block computes the same as in the source.
    ///
    /// Of a network in integers it is a measurement: there every layer is fitted. Not applicable to a network that has been trained since, because its weights have changed. Values are
    /// matched by name. The check names the first that differs by more than the tolerance of its type.
    func checkPrefix(_ runs: Runs) -> VerificationCheck {
        if let manifest, manifest.isRecognised || manifest.trainedSHA256 != nil {
            return check(.prefix, .notApplicable, "the weights were trained since")
        }
        guard !runs.sharedPrefix.isEmpty else {
            let reason =
                runs.isPrefixCut
                ? "no value before it can be computed"
                : "no value before it is known by one name in both graphs"
            return check(.prefix, .notApplicable, reason)
        }
        var worst = (relative: 0.0, name: runs.sharedPrefix[0])
        for sample in runs.samples {
            for name in runs.sharedPrefix {
                guard let before = sample.source[name], let after = sample.converted[name],
                    let difference = Difference(after, from: before)
                else { return check(.prefix, .failed, "\(place(name)) has another shape or type") }
                guard integers != nil || difference.relative <= tolerance(of: after.elementType) else {
                    return check(
                        .prefix, .failed,
                        "first difference at \(place(name)), shape \(after.type): "
                            + "max abs \(text(difference.maxAbsolute)), relative \(text(difference.relative))",
                        figures: ["max_abs": difference.maxAbsolute, "relative": difference.relative])
                }
                if difference.relative > worst.relative { worst = (difference.relative, name) }
            }
        }
        guard integers == nil else {
            return check(
                .prefix, .measured,
                "\(runs.sharedPrefix.count) values, max relative error \(text(worst.relative)): "
                    + "weights became integers",
                figures: ["values": Double(runs.sharedPrefix.count), "relative": worst.relative])
        }
        return check(
            .prefix, runs.isPrefixCut ? .inPart : .passed,
            "\(runs.sharedPrefix.count) values, max relative error \(text(worst.relative)) "
                + "(tolerance \(text(Tolerance.relative)))"
                + (runs.isPrefixCut ? "; the others cannot be computed" : ""),
            figures: ["values": Double(runs.sharedPrefix.count), "relative": worst.relative])
    }

    private func place(_ name: String) -> String {
        let graph = converted.graph
        let producer = graph.value(named: name).flatMap { graph.producer(of: $0.id) }
        return "\"\(name)\" (\(producer?.operatorType ?? "input"))"
    }
}

/// A figure as reports print it: three significant digits.
func text(_ value: Double) -> String {
    if value == 0 { return "0" }
    if !value.isFinite { return "\(value)" }
    var (mantissa, exponent) = (abs(value), 0)
    while mantissa >= 10 { (mantissa, exponent) = (mantissa / 10, exponent + 1) }
    while mantissa < 1 { (mantissa, exponent) = (mantissa * 10, exponent - 1) }
    let hundredths = Int((mantissa * 100).rounded())
    let sign = value < 0 ? "-" : ""
    return "\(sign)\(hundredths / 100).\(hundredths / 10 % 10)\(hundredths % 10)e\(exponent)"
}
