import MixtureOfDepths

/// The page of a routing report: how often each channel is chosen, over all inputs and by class.
public struct RoutingPage {
    private let report: RoutingReport
    private let command: ShellCommand

    /// The number of classes that are drawn: those with the most inputs. The JSON report has all of them.
    private static let drawnClasses = 20
    /// The number of columns of a drawing; if there are more channels, they share columns.
    private static let columns = 128

    /// - Parameter command: the words of the command that made it, the program's name first.
    public init(_ report: RoutingReport, command: [String]) {
        self.report = report
        self.command = ShellCommand(command)
    }

    /// The document.
    public var html: String {
        ReportPage(
            title: "Routing: \(report.model)",
            lead: "Which channels or hidden units each routed block chooses, counted over \(report.samples) "
                + "inputs of \(report.data).",
            highlights: [], warnings: [],
            sections: [
                .section(
                    "Choices",
                    [
                        .table(
                            RoutingReport.columns,
                            report.routes.map { report.cells($0).map { HTML.text($0) } },
                            isWide: true),
                        .facts([
                            ("differs", RoutingReport.meaningOfDifference),
                            ("margin", RoutingReport.meaningOfMargin),
                        ]),
                    ])
            ] + report.routes.map(section) + [.section("Command", [.commands([command.text])])]
        ).html
    }

    private func section(_ route: RoutingReport.Route) -> HTML {
        // The channels that are chosen most come first, in the same order in all rows.
        let order = route.frequencies.indices.sorted {
            route.frequencies[$0] == route.frequencies[$1]
                ? $0 < $1 : route.frequencies[$0] > route.frequencies[$1]
        }
        let width = max(1, (order.count + RoutingPage.columns - 1) / RoutingPage.columns)
        func row(_ title: String, _ frequencies: [Double]) -> HeatMap.Row {
            HeatMap.Row(
                title: title,
                shares: stride(from: 0, to: order.count, by: width).map { start in
                    let group = order[start..<min(start + width, order.count)]
                    return group.reduce(0) { $0 + frequencies[$1] } / Double(group.count)
                })
        }
        let drawn = route.classes.sorted { ($1.samples, $0.label) < ($0.samples, $1.label) }
            .prefix(RoutingPage.drawnClasses).sorted { $0.label < $1.label }
        let rows =
            [row("all \(report.samples)", route.frequencies)]
            + drawn.map { row("\($0.title) (\($0.samples))", $0.frequencies) }
        return .section(
            "\(route.block): \(route.chosen) of \(route.units) \(route.choice)",
            [
                HeatMap(rows: rows, emphasised: 1).html,
                .paragraph(
                    "Columns: \(route.choice) in the order of how often they are chosen"
                        + (width > 1 ? ", \(width) in one" : "")
                        + ". The stronger the colour, the more often. Rows: all inputs, then classes by \(report.classes)."
                ),
            ])
    }
}
