/// Shares from 0 to 1 as a table of coloured cells, drawn as SVG: a row for each group, a column for each
/// channel.
struct HeatMap {
    struct Row {
        let title: String
        /// From 0 to 1, one for each column.
        let shares: [Double]
    }

    let rows: [Row]
    /// The number of rows at the top that are set apart from the others.
    let emphasised: Int

    /// The drawing's width in pixels at which its text is 13 pixels high, that of the titles, and their length.
    private var frame = (width: 760.0, titles: 150.0, characters: 20)
    private static let height = 16.0
    private static let gap = 6.0
    /// The number of distinct shades; neighbours of one shade are drawn as one.
    private static let shades = 16

    init(rows: [Row], emphasised: Int) {
        self.rows = rows
        self.emphasised = emphasised
    }

    /// The drawing, once for wide and once for narrow screens, of which the style sheet shows one.
    var html: HTML {
        var narrow = self
        narrow.frame = (360, 110, 14)
        return .element("div", [], [drawing("plot"), narrow.drawing("plot narrow")])
    }

    private func drawing(_ style: String) -> HTML {
        var parts: [HTML] = []
        var top = 0.0
        for (index, row) in rows.enumerated() {
            if index == emphasised, index > 0 { top += HeatMap.gap }
            parts.append(title(row.title, top))
            parts += cells(row.shares, top)
            top += HeatMap.height + 1
        }
        let attributes: Attributes = [
            ("viewBox", "0 0 \(Int(frame.width)) \(number(top))"),
            ("xmlns", "http://www.w3.org/2000/svg"), ("role", "img"),
        ]
        return .element("svg", class: style, attributes, parts)
    }

    private typealias Attributes = [(StaticString, String)]

    private func title(_ text: String, _ top: Double) -> HTML {
        let attributes: Attributes = [
            ("x", number(frame.titles - 8)), ("y", number(top + HeatMap.height - 4)),
            ("text-anchor", "end"),
        ]
        return .element("text", attributes, [.text(text.shortened(to: frame.characters))])
    }

    private func cells(_ shares: [Double], _ top: Double) -> [HTML] {
        let step = (frame.width - frame.titles) / Double(max(1, shares.count))
        let levels = shares.map { Int((min(1, max(0, $0)) * Double(HeatMap.shades)).rounded()) }
        var cells: [HTML] = []
        var start = 0
        while start < levels.count {
            var end = start + 1
            while end < levels.count, levels[end] == levels[start] { end += 1 }
            let opacity = Double(levels[start]) / Double(HeatMap.shades)
            let attributes: Attributes = [
                ("x", Quantity.fixed(frame.titles + step * Double(start), decimals: 2)),
                ("y", number(top)),
                ("width", Quantity.fixed(step * Double(end - start), decimals: 2)),
                ("height", number(HeatMap.height)),
                ("fill-opacity", Quantity.fixed(0.06 + 0.94 * opacity, decimals: 3)),
            ]
            cells.append(.element("rect", class: "heat", attributes))
            start = end
        }
        return cells
    }

    private func number(_ value: Double) -> String { Quantity.fixed(value, decimals: 1) }
}
