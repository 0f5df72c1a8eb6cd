import GraphIR

/// Named facts, one a line, aligned.
struct FactList {
    private var facts: [(name: String, value: String)] = []

    /// Adds a fact; an empty name continues the fact before it.
    mutating func add(_ name: String, _ value: String) {
        facts.append((name, value.escapingControlCharacters))
    }

    var text: String {
        let width = facts.map(\.name.columnWidth).max() ?? 0
        return facts.map { name, value in
            name + String(repeating: " ", count: width - name.columnWidth + 2) + value + "\n"
        }.joined()
    }
}
