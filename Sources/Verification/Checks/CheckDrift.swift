import GraphIR

extension Verifier {
    /// Check 6: how far the converted model's outputs drift from the source's.
    ///
    /// This is a measurement, and a check only with a minimum agreement: a network whose blocks were cut is
    /// expected to drift until it is trained. If the first output is [N, classes], the argmax and the overlap
    /// of the five highest are compared row by row.
    func checkDrift(_ runs: Runs) throws -> VerificationCheck {
        let names = runs.outputs
        guard !names.isEmpty else {
            // A minimum that cannot be measured counts as missed.
            return check(
                .drift, options.minimumAgreement == nil ? .notApplicable : .failed,
                "not measured: no output can be computed")
        }
        let isCut = names.count < converted.graph.outputs.count
        var (cosine, largest, relative) = (1.0, 0.0, 0.0)
        var agreement = Agreement()
        let first = converted.graph.outputs.first.map { converted.graph[$0].name }
        for sample in runs.samples {
            for name in names {
                guard let before = sample.source[name], let after = sample.converted[name],
                    let difference = Difference(after, from: before)
                else { return check(.drift, .failed, "output \"\(name)\" has another shape or type") }
                cosine = min(cosine, difference.cosine)
                largest = max(largest, difference.maxAbsolute)
                relative = max(relative, difference.relative)
                if name == first { agreement.add(before, after) }
            }
        }
        var summary =
            "cosine \(decimal(cosine)), max abs \(text(largest)), relative \(text(relative))"
        if agreement.rows > 0 {
            summary +=
                ", argmax agrees in \(agreement.same) of \(agreement.rows), "
                + "top-5 overlap \(decimal(agreement.overlap))"
        }
        if isCut {
            summary +=
                "; of \(names.count) of \(converted.graph.outputs.count) outputs, the others not measured"
        }
        var outcome = VerificationCheck.Outcome.measured
        if let minimum = options.minimumAgreement {
            outcome = agreement.share < minimum ? .failed : isCut ? .inPart : .passed
            if outcome == .failed { summary += ": below the minimum agreement of \(decimal(minimum))" }
        }
        return check(
            .drift, outcome, summary,
            figures: [
                "cosine": cosine, "max_abs": largest, "relative": relative,
                "samples": Double(agreement.rows), "argmax_agreement": agreement.share,
                "top5_overlap": agreement.overlap,
            ])
    }

    private func decimal(_ value: Double) -> String {
        guard value.isFinite else { return "\(value)" }
        let thousandths = Int((abs(value) * 10_000).rounded())
        let digits = String(thousandths % 10_000)
        let padded = String(repeating: "0", count: 4 - digits.count) + digits
        return "\(value < 0 ? "-" : "")\(thousandths / 10_000).\(padded)"
    }
}

/// Counts how often two sets of class scores name the same classes.
private struct Agreement {
    private(set) var rows = 0
    private(set) var same = 0
    private var overlaps = 0.0

    /// The share of rows with the same argmax; 1 if there are no rows.
    var share: Double { rows == 0 ? 1 : Double(same) / Double(rows) }
    /// The mean share of common entries among the five highest (or all, if there are fewer).
    var overlap: Double { rows == 0 ? 1 : overlaps / Double(rows) }

    mutating func add(_ before: Tensor, _ after: Tensor) {
        guard before.rank == 2, let classes = before.shape.last, classes > 1, let a = before.doubles,
            let b = after.doubles
        else { return }
        for start in stride(from: 0, to: a.count, by: classes) {
            let k = min(5, classes)
            let first = top(k, a[start..<(start + classes)])
            let second = top(k, b[start..<(start + classes)])
            rows += 1
            if first.first == second.first { same += 1 }
            overlaps += Double(Set(first).intersection(second).count) / Double(k)
        }
    }

    private func top(_ count: Int, _ scores: ArraySlice<Double>) -> [Int] {
        let order = scores.indices.sorted { scores[$0] == scores[$1] ? $0 < $1 : scores[$0] > scores[$1] }
        return order.prefix(count).map { $0 - scores.startIndex }
    }
}
