import MixtureOfDepths

/// The page of a sweep: two plots and the table behind them.
public struct SweepPage {
    private let report: SweepReport
    private let command: ShellCommand

    /// - Parameter command: the words of the command that made it, the program's name first.
    public init(_ report: SweepReport, command: [String]) {
        self.report = report
        self.command = ShellCommand(command)
    }

    /// The document.
    public var html: String {
        ReportPage(
            title: "Accuracy against work: \(report.source)",
            lead: "The network's blocks reduced in several ways, calibrated on \(report.calibration), and "
                + "compared on \(report.samples) images.",
            highlights: [], warnings: [],
            sections: [
                .section(
                    isLabelled ? "Top-1 and multiply-accumulates" : "Agreement and multiply-accumulates",
                    [
                        plot(over: "multiply-accumulates, % of the source's") { 100 * report.share($0) }
                    ]),
                .section(
                    isLabelled ? "Top-1 and measured speed" : "Agreement and measured speed",
                    [
                        plot(over: "speed-up over the source, \(report.threads) threads") {
                            report.speedup($0)
                        }
                    ]),
                .section("Figures", [table, .paragraph("Multiply-accumulates: \(report.convention).")]),
                .section("Command", [.commands([command.text])]),
            ]
        ).html
    }

    /// The first plot alone, as an SVG file.
    public var svg: String {
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
            + plot(over: "multiply-accumulates, % of the source's", isAlone: true) {
                100 * report.share($0)
            }.markup
    }

    private var isLabelled: Bool { report.rows.contains { $0.topOne != nil } }

    private func plot(
        over title: String, isAlone: Bool = false, _ x: (SweepReport.Row) -> Double
    ) -> HTML {
        let kinds = ["auto", "fixed", "routed", "paired", "dropped"]
        func value(_ row: SweepReport.Row) -> Double { 100 * (row.topOne ?? row.agreement) }
        let series = kinds.compactMap { kind -> ScatterPlot.Series? in
            let rows = report.rows.filter { $0.kind == kind }.sorted { x($0) < x($1) }
            guard !rows.isEmpty else { return nil }
            return ScatterPlot.Series(
                name: kind,
                points: rows.map { row in
                    ScatterPlot.Point(
                        x: x(row), y: value(row), label: row.ratioText,
                        interval: row.topOneInterval.map { 100 * $0[0]...100 * $0[1] })
                })
        }
        let source = report.rows.first.flatMap { row in
            row.topOne.map { (value: 100 * $0, label: "source") }
        }
        return ScatterPlot(
            xTitle: title, yTitle: isLabelled ? "top-1, %" : "agreement with the source, %", series: series,
            reference: source, isAlone: isAlone
        ).html
    }

    private var table: HTML {
        var columns: [(title: String, isNumber: Bool)] = [
            ("kind", false), ("ratio", false), ("MACs", true), ("of source", true), ("ms", true),
            ("speed-up", true), ("agreement", true),
        ]
        if isLabelled { columns += [("top-1", true), ("95% interval", true)] }
        let rows = report.rows.map { row in
            var cells = [
                row.kind, row.ratioText, Quantity.count(row.macs), report.percent(report.share(row)),
                Quantity.fixed(row.milliseconds, decimals: 2),
                Quantity.fixed(report.speedup(row), decimals: 2), report.percent(row.agreement),
            ]
            if isLabelled {
                cells += [
                    row.topOne.map(report.percent) ?? "",
                    row.topOneInterval.map { $0.map(report.percent).joined(separator: " to ") } ?? "",
                ]
            }
            return cells.map { HTML.text($0) }
        }
        return .table(columns, rows, isWide: true)
    }
}
