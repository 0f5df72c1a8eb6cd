import GraphIR

/// A table of text: aligned columns, two spaces apart, under a line of titles.
///
/// Widths are those of a terminal (wide characters take two columns). A table fits `TextTable.width` columns if it
/// can: cells of the widest left-aligned column lose their middle, columns that may be dropped are, and the last
/// column is wrapped. Cells longer than `cellLimit` lose their middle in any case, but for the
/// last column's. Control characters, which names from a file may contain, are escaped.
public struct TextTable: Sendable {
    /// The alignment of a column's cells.
    public enum Alignment: Sendable { case left, right }

    /// Longer cells are cut, except in the last column, which has room.
    public static let cellLimit = 48
    /// The columns of a terminal that a table should fit.
    public static let width = 80
    /// Cells are not cut or wrapped to less than this.
    fileprivate static let narrowest = 24

    private let alignments: [Alignment]
    private let droppable: [Int]
    private var rows: [[String]]
    /// The colour of each row's cells, by column.
    private var tones: [[Int: TextStyle.Tone]]

    /// A table with a line of titles.
    ///
    /// - Parameter droppable: columns that are left out where the table is too wide, in this order.
    public init(_ columns: [(title: String, alignment: Alignment)], droppable: [Int] = []) {
        alignments = columns.map(\.alignment)
        self.droppable = droppable
        rows = [columns.map(\.title)]
        tones = [[:]]
    }

    /// Adds a row; missing cells are empty, surplus ones are ignored.
    public mutating func add(_ cells: [String]) { add(cells, tones: [:]) }

    /// Adds a row in which some cells have a colour, if the text has colours at all.
    mutating func add(_ cells: [String], tones: [Int: TextStyle.Tone]) {
        self.tones.append(tones)
        rows.append(
            alignments.indices.map { column in
                guard cells.indices.contains(column) else { return "" }
                let cell = cells[column].escapingControlCharacters
                return column == alignments.count - 1 ? cell : cell.shortened(to: TextTable.cellLimit)
            })
    }

    /// The lines, each with its line break, without padding at their ends.
    public var text: String { text(.plain) }

    /// The lines; the style changes nothing but colours.
    func text(_ style: TextStyle) -> String {
        var layout = Layout(rows: rows, columns: Array(alignments.indices))
        func names() -> [Int] { layout.columns.dropLast().filter { alignments[$0] == .left } }
        for column in droppable where layout.width(shortening: names()) > TextTable.width {
            layout.drop(column)
        }
        let isWrapped = layout.columns.last.map { alignments[$0] == .left } ?? false
        // A wrapped last column needs no more than its least room.
        let room =
            TextTable.width - (isWrapped ? min(layout.lastWidth, TextTable.narrowest) : layout.lastWidth)
        if let widest = names().max(by: { layout.widths[$0] < layout.widths[$1] }) {
            let others = layout.start - layout.widths[widest]
            layout.shorten(widest, to: max(TextTable.narrowest, room - others))
        }
        let lastRoom = isWrapped ? max(TextTable.narrowest, TextTable.width - layout.start) : .max
        return zip(layout.rows, tones).map { row, tones in
            lines(row, tones, layout, lastRoom, style)
        }.joined()
    }

    /// A row's lines: the cells, then what is left of the last one.
    private func lines(
        _ row: [String], _ tones: [Int: TextStyle.Tone], _ layout: Layout, _ lastRoom: Int, _ style: TextStyle
    ) -> String {
        var line = ""
        // Spaces are written before the next cell, so that lines have none at their ends.
        var gap = 0
        var rest: [String] = []
        for column in layout.columns {
            var cell = row[column]
            if column == layout.columns.last {
                let parts = cell.wrapped(to: lastRoom)
                cell = parts.first ?? ""
                rest = Array(parts.dropFirst())
            }
            let padding = max(0, layout.widths[column] - cell.columnWidth)
            if alignments[column] == .right { gap += padding }
            if !cell.isEmpty {
                line += String(repeating: " ", count: gap)
                line += style.applied(tones[column], to: cell)
                gap = 0
            }
            if alignments[column] == .left { gap += padding }
            gap += 2
        }
        let indent = String(repeating: " ", count: layout.start)
        let tone = layout.columns.last.flatMap { tones[$0] }
        return ([line] + rest.map { indent + style.applied(tone, to: $0) }).map { $0 + "\n" }.joined()
    }
}

/// The columns that a table shows, with their widths.
private struct Layout {
    private(set) var rows: [[String]]
    private(set) var columns: [Int]
    /// By column, of those that are shown and of those that are not.
    private(set) var widths: [Int]

    init(rows: [[String]], columns: [Int]) {
        self.rows = rows
        self.columns = columns
        widths = columns.map { column in rows.map { $0[column].columnWidth }.max() ?? 0 }
    }

    var lastWidth: Int { columns.last.map { widths[$0] } ?? 0 }

    /// Where the last column begins.
    var start: Int { columns.dropLast().reduce(0) { $0 + widths[$1] + 2 } }

    /// The width if the widest of these columns is cut as far as it may be.
    func width(shortening columns: [Int]) -> Int {
        let widest = columns.map { widths[$0] }.max() ?? 0
        return start + lastWidth - max(0, widest - TextTable.narrowest)
    }

    mutating func drop(_ column: Int) { columns.removeAll { $0 == column } }

    mutating func shorten(_ column: Int, to limit: Int) {
        guard widths[column] > limit else { return }
        for row in rows.indices { rows[row][column] = rows[row][column].shortened(to: limit) }
        widths[column] = rows.map { $0[column].columnWidth }.max() ?? 0
    }
}

extension String {
    /// The number of terminal columns that the text takes.
    var columnWidth: Int { reduce(0) { $0 + $1.columnWidth } }

    /// The text in lines of at most `width` columns, broken at spaces; a longer word has a line of its own.
    func wrapped(to width: Int) -> [String] {
        guard columnWidth > width else { return [self] }
        var lines: [String] = []
        var line = ""
        for word in split(separator: " ", omittingEmptySubsequences: false).map(String.init) {
            if line.isEmpty {
                line = word
            } else if line.columnWidth + 1 + word.columnWidth <= width {
                line += " " + word
            } else {
                lines.append(line)
                line = word
            }
        }
        return lines + [line]
    }

    /// The text without its middle if it is longer than `limit` characters.
    func shortened(to limit: Int) -> String {
        guard count > limit else { return self }
        let kept = limit - 1
        return prefix(kept / 2) + "…" + suffix(kept - kept / 2)
    }
}

extension Character {
    /// 2 for East Asian wide characters and pictographs (Unicode UAX #11, by blocks), else 1.
    fileprivate var columnWidth: Int {
        guard let scalar = unicodeScalars.first?.value else { return 0 }
        return Character.wideBlocks.contains { $0.contains(scalar) } ? 2 : 1
    }

    private static let wideBlocks: [ClosedRange<UInt32>] = [
        0x1100...0x115F, 0x2E80...0xA4CF, 0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE30...0xFE6F, 0xFF00...0xFF60,
        0xFFE0...0xFFE6, 0x1F300...0x1FAFF, 0x20000...0x3FFFD,
    ]
}
