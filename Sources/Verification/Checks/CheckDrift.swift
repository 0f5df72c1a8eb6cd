import GraphIR

extension Verifier {
    /// Check 6: how far the converted model's outputs drift from the source's.
    ///
    /// A measurement, and a check only with a minimum agreement: a network whose blocks were cut is expected
    /// to drift until it is trained. The first output that is [N, classes] shows how often the argmax agrees and how
    /// far the five highest overlap, row by row. The extents of some outputs depend on the data, such as those of
    /// NonMaxSuppression; where they differ there is nothing to compare.
    func checkDrift(_ runs: Runs) throws -> VerificationCheck {
        guard !runs.outputs.isEmpty else { return notMeasured("no output can be computed") }
        var (cosine, largest, relative) = (1.0, 0.0, 0.0)
        var agreements: [String: Agreement] = [:]
        var measured = Set(runs.outputs)
        for sample in runs.samples {
            for name in runs.outputs {
                guard let before = sample.source[name], let after = sample.converted[name],
                    before.elementType == after.elementType, before.rank == after.rank
                else { return check(.drift, .failed, "output \"\(name)\" has another shape or type") }
                guard let difference = Difference(after, from: before) else {
                    guard hasOpenExtent(name) else {
                        return check(.drift, .failed, "output \"\(name)\" has another shape or type")
                    }
                    measured.remove(name)
                    continue
                }
                cosine = min(cosine, difference.cosine)
                largest = max(largest, difference.maxAbsolute)
                relative = max(relative, difference.relative)
                if before.shape.first == batch(of: sample) {
                    agreements[name, default: Agreement()].add(before, after)
                }
            }
        }
        guard !measured.isEmpty else {
            return notMeasured("the data decide the extents of every output, and they differ")
        }
        let isCut = measured.count < converted.graph.outputs.count
        let agreement =
            runs.outputs.lazy.filter(measured.contains).compactMap { agreements[$0] }.first { $0.rows > 0 }
            ?? Agreement()
        var summary =
            "cosine \(decimal(cosine)), max abs \(text(largest)), relative \(text(relative))"
        if agreement.rows > 0 {
            summary +=
                ", argmax agrees in \(agreement.same) of \(agreement.rows), "
                + "top-5 overlap \(decimal(agreement.overlap))"
        }
        if isCut {
            summary +=
                "; of \(measured.count) of \(converted.graph.outputs.count) outputs, the others not measured"
        }
        var outcome = VerificationCheck.Outcome.measured
        if let minimum = options.minimumAgreement {
            guard agreement.rows > 0 else { return notMeasured("no output holds scores of classes") }
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

    private func batch(of sample: Runs.Sample) -> Int? {
        converted.graph.requiredInputs.first.flatMap { sample.inputs[converted.graph[$0].name]?.shape.first }
    }

    /// A minimum that cannot be measured is not met.
    private func notMeasured(_ reason: String) -> VerificationCheck {
        check(.drift, options.minimumAgreement == nil ? .notApplicable : .failed, "not measured: \(reason)")
    }

    /// Whether an extent of an output is not known before the graph is run.
    private func hasOpenExtent(_ name: String) -> Bool {
        converted.graph.value(named: name)?.shape?.isStatic != true
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
