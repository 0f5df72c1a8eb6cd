import Testing

@testable import Report

/// Tables of text in 80 columns.
@Suite struct TextTableTests {
    private static let long =
        "a check of the graph that says at some length what it found, and in how many places"

    @Test("The last column is wrapped at spaces, under its title")
    func wrapped() {
        var table = TextTable([("check", .right), ("found", .left)])
        table.add(["1", Self.long])
        #expect(
            table.text == """
                check  found
                    1  a check of the graph that says at some length what it found, and in how
                       many places

                """)
    }

    @Test("Names lose their middle, then columns are dropped")
    func narrowed() {
        var table = TextTable(
            [("layer", .left), ("kind", .left), ("time", .right), ("share", .right)], droppable: [1])
        table.add([String(repeating: "n", count: 60), String(repeating: "k", count: 40), "1.00 ms", "50.0 %"])
        let lines = table.text.split(separator: "\n")
        #expect(lines[0].hasPrefix("layer") && !lines[0].contains("kind"))
        #expect(lines.allSatisfy { $0.count <= TextTable.width })
        #expect(lines[1].contains("…") && lines[1].hasSuffix("1.00 ms  50.0 %"))
    }

    @Test(
        "A table that fits stays as it is",
        arguments: [["a", "b"], ["", ""], ["n", String(long.prefix(60))]])
    func kept(_ cells: [String]) {
        var table = TextTable([("x", .left), ("y", .left)], droppable: [0])
        table.add(cells)
        #expect(table.text.split(separator: "\n").first == "x  y")
    }

    @Test("A word longer than the room has a line of its own")
    func longWord() {
        let word = String(repeating: "w", count: 100)
        #expect("a \(word) b".wrapped(to: 40) == ["a", word, "b"])
        #expect("".wrapped(to: 10) == [""])
    }
}
