extension ConversionPage {
    var verificationSection: HTML? {
        guard let verification else { return nil }
        return .section(
            "Verification",
            [
                .paragraph(
                    "Made from the two graphs and the manifest alone, not from what the conversion knew: "
                        + "both networks are run and compared.")
            ] + (verification.checkedUpTo.map { [.paragraph("Checked up to \($0).")] } ?? [])
                + verification.checks.map(item))
    }

    private func item(_ check: VerificationReport.Check) -> HTML {
        let tone = check.outcome == .passed ? "good" : check.outcome == .failed ? "bad" : "plain"
        var content: [HTML] = [
            .element(
                "h3", [],
                [.text("\(check.number). \(check.title) "), .badge(check.outcome.rawValue, tone)]),
            .paragraph(check.summary),
        ]
        if !check.details.isEmpty {
            content.append(
                .element(
                    "details", [],
                    [.element("summary", "\(check.details.count) blocks and samples")]
                        + [.element("ul", [], check.details.map { .element("li", $0) })]))
        }
        return .element("div", class: "check", [], content)
    }

    var driftSection: HTML? {
        guard let drift = verification?.checks.first(where: { $0.kind == .drift }), !drift.figures.isEmpty
        else { return nil }
        let known: [(key: String, name: String, text: (Double) -> String)] = [
            ("samples", "samples", { Quantity.fixed($0, decimals: 0) }),
            ("cosine", "cosine of the outputs", { Quantity.fixed($0, decimals: 4) }),
            ("max_abs", "largest difference", Quantity.error),
            ("relative", "… over the largest output", Quantity.error),
            ("argmax_agreement", "samples whose first class agrees", ConversionPage.percent),
            ("top5_overlap", "shared among the five first classes", ConversionPage.percent),
        ]
        let facts = known.compactMap { key, name, text in
            drift.figures[key].map { (name: name, value: text($0)) }
        }
        return .section(
            "Drift of the outputs",
            [
                .facts(facts),
                .element(
                    "p", class: "remark",
                    "How far the result answers differently from the source on the verification's inputs. This "
                        + "is a measure and not a proof: accuracy shows on labelled images only."),
            ])
    }

    private static func percent(_ share: Double) -> String { Quantity.fixed(100 * share, decimals: 1) + " %" }

    /// How a reader can check the page instead of trusting it.
    var trustSection: HTML {
        .section(
            "How to trust it",
            [
                .paragraph(
                    "The proof can be repeated with the two files. The first command makes all checks again, with "
                        + "inputs of another seed; the second prints what the file says of its own making and the command "
                        + "that makes it again, byte for byte; the third runs it on a picture."
                ),
                .commands([
                    ShellCommand(["modconvert", "verify", source, result, "--seed", "1"]).text,
                    ShellCommand(["modconvert", "explain", result]).text,
                    ShellCommand(["modconvert", "run", result, "--input", "photo.jpg"]).text,
                ]),
                .element(
                    "ul", [],
                    [
                        "Checks 1 to 5 prove structure and arithmetic: the graph is valid, its interface is the "
                            + "source's, nothing changed before the first converted block, and every converted "
                            + "block computes what its definition says, routing first.",
                        "They do not prove that the weights are good. That is measured with labelled images.",
                        "Any runtime of ONNX's standard operators computes the same; the margin in check 4 says how "
                            + "far the choice of channels is from a tie that rounding could decide.",
                    ].map { .element("li", $0) }),
            ])
    }
}
