import GraphIR

/// Named facts, one a line, aligned; long ones are wrapped to `TextTable.width`.
struct FactList {
    private var facts: [(name: String, value: String)] = []

    /// Adds a fact; an empty name continues the fact before it.
    mutating func add(_ name: String, _ value: String) {
        facts.append((name, value.escapingControlCharacters))
    }

    var text: String {
        let width = facts.map(\.name.columnWidth).max() ?? 0
        let indent = String(repeating: " ", count: width + 2)
        return facts.map { name, value in
            let lines = value.wrapped(to: max(24, TextTable.width - width - 2))
            return name + indent.dropFirst(name.columnWidth) + lines.joined(separator: "\n" + indent) + "\n"
        }.joined()
    }
}
