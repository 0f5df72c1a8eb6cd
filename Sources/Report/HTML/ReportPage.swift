import MixtureOfDepths

/// A self-contained page: no script, nothing from the network, light or dark like the reader's system.
///
/// The same report gives the same bytes; the page has no date.
struct ReportPage {
    /// A figure that readers should see first.
    struct Highlight {
        let name: String
        let value: String
        let remark: String
        var isBad = false
    }

    let title: String
    /// One sentence that says what was done.
    let lead: String
    let highlights: [Highlight]
    /// The warnings that a reader must see before using the result.
    let warnings: [String]
    let sections: [HTML]

    /// The document.
    var html: String {
        let head = HTML.element(
            "head", [],
            [
                .element("meta", [("charset", "utf-8")]),
                .element("meta", [("name", "viewport"), ("content", "width=device-width, initial-scale=1")]),
                .element("meta", [("name", "color-scheme"), ("content", "light dark")]),
                // A browser that obeys it loads nothing, whatever the page holds.
                .element(
                    "meta",
                    [
                        ("http-equiv", "Content-Security-Policy"),
                        ("content", "default-src 'none'; style-src 'unsafe-inline'"),
                    ]),
                .element("title", title),
                .style(ReportStyle.sheet),
            ])
        let header = HTML.element(
            "header", [],
            [
                .element("p", class: "tool", "\(ModConvertVersion.producer) \(ModConvertVersion.text)"),
                .element("h1", title), .element("p", class: "lead", lead),
            ])
        let body =
            [header, .element("div", class: "highlights", [], highlights.map(tile))]
            + warnings.map {
                .element("p", class: "warning", [], [.element("strong", "Note: "), .text($0 + ".")])
            } + sections
        let page = HTML.element(
            "html", [("lang", "en")], [head, .element("body", [], [.element("main", [], body)])])
        return "<!DOCTYPE html>\n" + page.markup
    }

    private func tile(_ highlight: Highlight) -> HTML {
        .element(
            "div", class: highlight.isBad ? "tile bad" : "tile", [],
            [
                .element("div", class: "name", highlight.name),
                .element("div", class: "value", highlight.value),
                .element("div", class: "remark", highlight.remark),
            ])
    }
}

extension HTML {
    static func section(_ title: String, _ content: [HTML]) -> HTML {
        .element("section", [], [.element("h2", title)] + content)
    }

    static func paragraph(_ text: String) -> HTML { .element("p", text) }

    /// Shell commands, one a line.
    static func commands(_ lines: [String]) -> HTML {
        .element("pre", [], lines.map { .element("code", class: "line", $0) })
    }

    /// Names with their values.
    static func facts(_ facts: [(name: String, value: String)]) -> HTML {
        .element(
            "dl", [], facts.flatMap { [.element("dt", $0.name), .element("dd", $0.value)] })
    }

    /// A table that scrolls by itself if it is too wide for the screen.
    ///
    /// - Parameter isWide: whether its columns need more room than a phone has.
    static func table(
        _ columns: [(title: String, isNumber: Bool)], _ rows: [[HTML]], isWide: Bool = false
    ) -> HTML {
        func cells(_ name: StaticString, _ contents: [[HTML]], areTitled: Bool = false) -> [HTML] {
            zip(columns, contents).map { column, content in
                // On a narrow screen, a wide table's rows are lists, whose facts this names.
                var attributes: [(StaticString, String)] = []
                if areTitled { attributes.append(("data-title", column.title)) }
                return .element(name, class: column.isNumber ? "number" : nil, attributes, content)
            }
        }
        let head = HTML.element("tr", [], cells("th", columns.map { [.text($0.title)] }))
        let body = rows.map { row in HTML.element("tr", [], cells("td", row.map { [$0] }, areTitled: isWide))
        }
        return .element(
            "div", class: "scroll", [],
            [
                .element(
                    "table", class: isWide ? "wide" : nil, [],
                    [.element("thead", [], [head]), .element("tbody", [], body)])
            ])
    }

    /// A name from a model. A very long one is shown without its middle; hovering over it shows all of it.
    static func name(_ name: String) -> HTML {
        let shown = name.shortened(to: TextTable.cellLimit)
        var attributes: [(StaticString, String)] = []
        if shown != name { attributes.append(("title", name)) }
        return .element("code", attributes, [.text(shown)])
    }

    /// A short word in a frame, coloured by its meaning.
    static func badge(_ text: String, _ tone: String) -> HTML {
        .element("span", class: "badge \(tone)", text)
    }
}
