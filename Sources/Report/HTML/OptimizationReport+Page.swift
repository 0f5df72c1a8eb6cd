/// The page of an optimisation: what was rewritten, the savings, and the check.
extension OptimizationReport {
    /// The document.
    ///
    /// - Parameter command: the words of the command that made it, the program's name first.
    public func page(command: [String]) -> String {
        ReportPage(
            title: ConversionPage.fileName(output),
            lead:
                "Made from \(ConversionPage.fileName(source)) by rewriting its graph; it computes the same.",
            highlights: highlights, warnings: notes,
            sections: [
                .section(
                    "Command",
                    [
                        .commands([ShellCommand(command).text]),
                        .facts([("source", source), ("result", output)]),
                    ]),
                totalsSection, operatorSection, passSection, checkSection, trustSection,
            ].compactMap { $0 }
        ).html
    }

    private var highlights: [ReportPage.Highlight] {
        func saving(_ name: String, _ old: Int, _ new: Int, _ text: (Int) -> String) -> ReportPage.Highlight {
            ReportPage.Highlight(
                name: name, value: Quantity.relativeChange(from: old, to: new),
                remark: "\(text(old)) → \(text(new))", isBad: new > old)
        }
        let worst = check?.outputs.map(\.relative).max()
        return [
            saving("nodes", before.nodes, after.nodes) { "\($0)" },
            saving("MACs", before.macs, after.macs, Quantity.count),
            saving("file", before.fileBytes, after.fileBytes, Quantity.bytes),
            ReportPage.Highlight(
                name: "check", value: worst.map(Quantity.error) ?? "none",
                remark: worst == nil ? "not asked for" : "largest relative difference", isBad: worst == nil),
        ]
    }

    private var totalsSection: HTML {
        func row(_ name: String, _ old: Int, _ new: Int, _ text: (Int) -> String) -> [HTML] {
            [name, text(old), text(new), Quantity.relativeChange(from: old, to: new)].map(HTML.text)
        }
        return .section(
            "Totals",
            [
                .table(
                    [("", false), ("before", true), ("after", true), ("change", true)],
                    [
                        row("nodes", before.nodes, after.nodes) { "\($0)" },
                        row("constants", before.constants, after.constants) { "\($0)" },
                        row("constants' bytes", before.constantBytes, after.constantBytes, Quantity.bytes),
                        row("file", before.fileBytes, after.fileBytes, Quantity.bytes),
                        row("parameters", before.params, after.params, Quantity.count),
                        row("MACs", before.macs, after.macs, Quantity.count),
                    ]),
                .element("p", class: "remark", "MACs for one sample, \(convention)."),
            ])
    }

    private var operatorSection: HTML {
        let names = Set(before.operators.keys).union(after.operators.keys)
        let rows = names.map { name in
            BarChart.Row(
                name: name, kind: "", before: before.operators[name] ?? 0, after: after.operators[name] ?? 0)
        }
        .sorted { ($1.before, $0.name) < ($0.before, $1.name) }
        return .section("Nodes by operator", [BarChart.legend, BarChart(rows: rows).html])
    }

    private var passSection: HTML? {
        guard !passes.isEmpty else { return nil }
        return .section(
            "Passes",
            [
                .table(
                    [("pass", false), ("rounds", true), ("nodes", true)],
                    passes.map { pass in
                        [
                            .element("code", pass.pass), .text("\(pass.rounds)"),
                            .text(Quantity.signed(-pass.nodesRemoved)),
                        ]
                    })
            ])
    }

    private var checkSection: HTML? {
        guard let check else { return nil }
        let runs = check.samples == 1 ? "1 seeded input" : "\(check.samples) seeded inputs"
        return .section(
            "Check",
            [
                .paragraph(
                    "Both graphs were run on \(runs) of \(check.inputs), seed \(check.seed); the difference "
                        + "is relative to an output's largest magnitude."),
                .table(
                    [("output", false), ("difference", true), ("tolerance", true)],
                    check.outputs.map { output in
                        [
                            .name(output.name), .text(Quantity.error(output.relative)),
                            .text(Quantity.error(output.tolerance)),
                        ]
                    }),
            ])
    }

    private var trustSection: HTML {
        .section(
            "How to trust it",
            [
                .paragraph(
                    "The first command rewrites the source again and checks the result on ten other inputs; the "
                        + "second shows what was rewritten, node by node."),
                .commands([
                    ShellCommand([
                        "modconvert", "optimize", source, "-o", "again.onnx", "--check", "10", "--seed", "1",
                    ]).text,
                    ShellCommand(["modconvert", "diff", source, output]).text,
                ]),
            ])
    }
}
