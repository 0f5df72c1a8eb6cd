/// Bars of one quantity before and after, a pair for each part of a network, all on one scale.
struct BarChart {
    struct Row {
        let name: String
        /// Whether the name comes from the model.
        var isScope = true
        let kind: String
        let before: Int
        let after: Int
    }

    let rows: [Row]

    var html: HTML {
        let scale = rows.flatMap { [$0.before, $0.after] }.max() ?? 0
        return .element("ol", class: "chart", [], rows.map { html($0, scale) })
    }

    /// The meaning of the colours.
    static let legend = HTML.element(
        "p", class: "legend", [],
        [
            .element("span", class: "swatch before", ""), .element("span", "before"),
            .element("span", class: "swatch after", ""), .element("span", "after"),
            .element("span", class: "swatch same", ""), .element("span", "unchanged"),
        ])

    private func html(_ row: Row, _ scale: Int) -> HTML {
        let isSame = row.before == row.after
        let bars =
            isSame
            ? [bar(row.before, scale, "same")]
            : [bar(row.before, scale, "before"), bar(row.after, scale, "after")]
        let figures: [HTML] =
            isSame
            ? [.text(Quantity.count(row.before))]
            : [
                .text("\(Quantity.count(row.before)) → \(Quantity.count(row.after)) "),
                .element("strong", Quantity.relativeChange(from: row.before, to: row.after)),
            ]
        return .element(
            "li", [],
            [
                .element(
                    "div", class: "name", [],
                    [
                        row.isScope ? .name(row.name) : .text(row.name), .text(" "),
                        .element("span", class: "kind", row.kind),
                    ]),
                .element("div", class: "bars", [], bars),
                .element("div", class: "figures", [], figures),
            ])
    }

    private func bar(_ value: Int, _ scale: Int, _ tone: String) -> HTML {
        let share = scale > 0 ? 100 * Double(value) / Double(scale) : 0
        return .element(
            "div", class: "bar \(tone)", [("style", "width:\(Quantity.fixed(share, decimals: 2))%")])
    }
}
