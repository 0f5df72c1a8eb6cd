import GraphIR

/// A piece of an HTML document.
///
/// Text from a file enters as `text` or as an attribute's value, and is escaped when the document is written:
/// no name in a model can become markup. The result is also well-formed XML.
struct HTML: Sendable {
    private indirect enum Content: Sendable {
        case text(String)
        case style(StaticString)
        case element(name: StaticString, attributes: [(StaticString, String)], children: [HTML])
    }

    private let content: Content

    static func text(_ text: String) -> HTML { HTML(content: .text(text)) }

    /// A style sheet. It is not escaped, so it must be a literal in the source code.
    static func style(_ css: StaticString) -> HTML { HTML(content: .style(css)) }

    static func element(
        _ name: StaticString, class names: String? = nil, _ attributes: [(StaticString, String)] = [],
        _ children: [HTML] = []
    ) -> HTML {
        var all: [(StaticString, String)] = []
        if let names { all.append(("class", names)) }
        all += attributes
        return HTML(content: .element(name: name, attributes: all, children: children))
    }

    /// An element that holds text only.
    static func element(_ name: StaticString, class names: String? = nil, _ text: String) -> HTML {
        element(name, class: names, [], [.text(text)])
    }

    /// The markup.
    var markup: String {
        var markup = ""
        write(to: &markup)
        return markup
    }

    private func write(to markup: inout String) {
        switch content {
        case .text(let text): markup += text.escapedForHTML
        case .style(let css): markup += "<style>\(css)</style>\n"
        case .element(let name, let attributes, let children):
            markup += "<\(name)"
            for (key, value) in attributes { markup += " \(key)=\"\(value.escapedForHTML)\"" }
            guard !HTML.isVoid(name) else {
                markup += "/>\n"
                return
            }
            markup += ">"
            for child in children { child.write(to: &markup) }
            markup += HTML.isInline(name) ? "</\(name)>" : "</\(name)>\n"
        }
    }

    private static func isVoid(_ name: StaticString) -> Bool { ["meta"].contains("\(name)") }

    private static func isInline(_ name: StaticString) -> Bool {
        ["code", "span", "strong", "em"].contains("\(name)")
    }
}

extension String {
    /// The text with HTML's special characters as references, and control characters in a visible form.
    fileprivate var escapedForHTML: String {
        escapingControlCharacters.reduce(into: "") { text, character in
            switch character {
            case "&": text += "&amp;"
            case "<": text += "&lt;"
            case ">": text += "&gt;"
            case "\"": text += "&quot;"
            case "'": text += "&#39;"
            default: text.append(character)
            }
        }
    }
}
