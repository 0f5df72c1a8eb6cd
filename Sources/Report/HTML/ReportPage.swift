import MixtureOfDepths

/// A self-contained page: no script, nothing from the network, light or dark as the reader's system is.
///
/// The same report gives the same bytes; there is no date on it.
struct ReportPage {
    /// A figure that should be seen first.
    struct Highlight {
        let name: String
        let value: String
        let remark: String
        var isBad = false
    }

    let title: String
    /// What was done, in a sentence.
    let lead: String
    let highlights: [Highlight]
    /// What a reader must know before they use the result.
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
                // A browser that follows it loads nothing, whatever the page holds.
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

    /// Commands for a shell, one a line.
    static func commands(_ lines: [String]) -> HTML {
        .element("pre", [], lines.map { .element("code", class: "line", $0) })
    }

    /// Names with what they stand for.
    static func facts(_ facts: [(name: String, value: String)]) -> HTML {
        .element(
            "dl", [], facts.flatMap { [.element("dt", $0.name), .element("dd", $0.value)] })
    }

    /// A table that scrolls by itself where it is too wide for the screen.
    ///
    /// - Parameter isWide: whether its columns need more room than a phone has.
    static func table(
        _ columns: [(title: String, isNumber: Bool)], _ rows: [[HTML]], isWide: Bool = false
    ) -> HTML {
        func cells(_ name: StaticString, _ contents: [[HTML]]) -> [HTML] {
            zip(columns, contents).map { column, content in
                .element(name, class: column.isNumber ? "number" : nil, [], content)
            }
        }
        let head = HTML.element("tr", [], cells("th", columns.map { [.text($0.title)] }))
        let body = rows.map { row in HTML.element("tr", [], cells("td", row.map { [$0] })) }
        return .element(
            "div", class: "scroll", [],
            [
                .element(
                    "table", class: isWide ? "wide" : nil, [],
                    [.element("thead", [], [head]), .element("tbody", [], body)])
            ])
    }

    /// A name from a model; a very long one loses its middle, which a pointer over it shows.
    static func name(_ name: String) -> HTML {
        let shown = name.shortened(to: TextTable.cellLimit)
        var attributes: [(StaticString, String)] = []
        if shown != name { attributes.append(("title", name)) }
        return .element("code", attributes, [.text(shown)])
    }

    /// A short word in a frame, coloured by what it says.
    static func badge(_ text: String, _ tone: String) -> HTML {
        .element("span", class: "badge \(tone)", text)
    }
}
