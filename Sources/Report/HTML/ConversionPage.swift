import MixtureOfDepths
import Verification

/// The page of a conversion or of a verification: what was done, the savings, and the proof.
public struct ConversionPage {
    /// The source, which `convert` reads and `verify` receives.
    let source: String
    let result: String
    let command: ShellCommand
    /// Named facts of the conversion, from the options or the manifest.
    let facts: [(name: String, value: String)]
    let before: ConversionReport.Totals
    let after: ConversionReport.Totals
    let convention: String
    let costs: BlockCosts
    let ledger: [LedgerReport.Block]
    let verification: VerificationReport?
    let notes: [String]

    /// The page of a conversion.
    ///
    /// - Parameter command: the words of the command that made it, the program's name first.
    public init(_ report: ConversionReport, costs: BlockCosts, command: [String]) {
        source = report.source
        result = report.output
        self.command = ShellCommand(command)
        facts = [
            ("source", report.source), ("SHA-256", report.sourceSha256), ("result", report.output),
            ("recipe", report.recipe), ("ratio", report.goal), ("router", report.router),
            ("seed", "\(report.seed)"),
        ]
        (before, after, convention) = (report.before, report.after, report.convention)
        self.costs = costs
        ledger = report.blocks
        verification = report.verification
        notes = report.notes
    }

    /// The page of a verification of existing files.
    ///
    /// - Parameter manifest: facts from the converted file.
    public init(
        _ report: VerificationReport, source: String, converted: String,
        manifest: [(name: String, value: String)], before: ConversionReport.Totals,
        after: ConversionReport.Totals, convention: String, costs: BlockCosts, command: [String]
    ) {
        self.source = source
        result = converted
        self.command = ShellCommand(command)
        facts = [("source", source), ("result", converted)] + manifest
        (self.before, self.after, self.convention) = (before, after, convention)
        self.costs = costs
        ledger = []
        verification = report
        notes = []
    }

    /// The document.
    public var html: String {
        let name = ConversionPage.fileName(result)
        return ReportPage(
            title: name,
            lead: "Mixture-of-Depths network made from \(ConversionPage.fileName(source)): of its "
                + "\(costs.blocks.count) residual blocks \(costs.forms.all) compute less"
                + (costs.forms.all > 0 ? " (\(costs.forms.text))." : "."),
            highlights: highlights, warnings: notes,
            sections: [
                commandSection, totalsSection, chartSection("MACs per block", costs.macRows, convention),
                chartSection(
                    "Parameters per block", costs.parameterRows,
                    "trainable values: weights, biases, scales; not running statistics"),
                ledgerSection, verificationSection, driftSection, trustSection,
            ].compactMap { $0 }
        ).html
    }

    private var highlights: [ReportPage.Highlight] {
        func saving(_ name: String, _ text: (Int) -> String, _ value: KeyPath<ConversionReport.Totals, Int>)
            -> ReportPage.Highlight
        {
            let (old, new) = (before[keyPath: value], after[keyPath: value])
            return ReportPage.Highlight(
                name: name, value: Quantity.relativeChange(from: old, to: new),
                remark: "\(text(old)) → \(text(new))", isBad: new > old)
        }
        let checks = verification?.checks.filter { $0.outcome != .measured } ?? []
        let passed = checks.count { $0.outcome == .passed }
        return [
            saving("MACs", Quantity.count, \.macs), saving("parameters", Quantity.count, \.params),
            saving("weights", Quantity.bytes, \.weightBytes),
            ReportPage.Highlight(
                name: "verification",
                value: verification == nil ? "none" : "\(passed) of \(checks.count)",
                remark: verificationRemark,
                isBad: verification?.passed != true),
        ]
    }

    private var verificationRemark: String {
        guard let verification else { return "not asked for" }
        let others = [VerificationCheck.Outcome.inPart, .measured, .notApplicable].map { outcome in
            (outcome.rawValue, verification.checks.count { $0.outcome == outcome })
        }
        return "checks passed" + (verification.passed ? "" : ", one failed")
            + others.map { name, count in count > 0 ? ", \(count) \(name)" : "" }.joined()
    }

    private var commandSection: HTML {
        .section("Command", [.commands([command.text]), .facts(facts)])
    }

    private var totalsSection: HTML {
        func row(_ name: String, _ text: (Int) -> String, _ value: KeyPath<ConversionReport.Totals, Int>)
            -> [HTML]
        {
            let (old, new) = (before[keyPath: value], after[keyPath: value])
            return [name, text(old), text(new), Quantity.relativeChange(from: old, to: new)].map(HTML.text)
        }
        return .section(
            "Totals",
            [
                .table(
                    [("", false), ("before", true), ("after", true), ("change", true)],
                    [
                        row("MACs", Quantity.count, \.macs), row("parameters", Quantity.count, \.params),
                        row("weights", Quantity.bytes, \.weightBytes), row("nodes", { "\($0)" }, \.nodes),
                    ]),
                .element(
                    "p", class: "remark",
                    "MACs for one sample, \(convention). Before: the source in canonical form."),
            ])
    }

    private func chartSection(_ title: String, _ rows: [BarChart.Row], _ remark: String) -> HTML? {
        guard !costs.blocks.isEmpty else { return nil }
        return .section(
            title, [BarChart.legend, BarChart(rows: rows).html, .element("p", class: "remark", remark)])
    }

    private var ledgerSection: HTML? {
        guard !ledger.isEmpty else { return nil }
        let rows = ledger.map { block -> [HTML] in
            [
                .text("\(block.stage).\(block.index)"), .name(block.scope), .text(block.kind),
                .text(block.shapeText),
                .badge(
                    block.verdict == "convert"
                        ? "converted" : block.verdict == "keep" ? "kept" : block.verdict,
                    block.verdict == "convert" ? "good" : "plain"),
                .text(block.detail),
            ]
        }
        return .section(
            "Ledger",
            [
                .paragraph("Every residual block, and why it was converted or kept."),
                .table(
                    [
                        ("block", false), ("scope", false), ("kind", false), ("CxHxW", false),
                        ("verdict", false), ("reason", false),
                    ], rows, isWide: true),
            ])
    }

    static func fileName(_ path: String) -> String {
        path.split(separator: "/").last.map(String.init) ?? path
    }
}
