import GraphIR

/// A table of text: aligned columns, two spaces apart, under a line of titles.
///
/// Widths are those of a terminal (wide characters take two columns). Cells longer than `cellLimit` lose
/// their middle. Control characters, which names from a file may contain, are escaped.
public struct TextTable: Sendable {
    /// The alignment of a column's cells.
    public enum Alignment: Sendable { case left, right }

    /// Longer cells are cut, except in the last column, which has room.
    public static let cellLimit = 48

    private let alignments: [Alignment]
    private var rows: [[String]]
    /// The colour of each row's cells, by column.
    private var tones: [[Int: TextStyle.Tone]]

    /// A table with a line of titles.
    public init(_ columns: [(title: String, alignment: Alignment)]) {
        alignments = columns.map(\.alignment)
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
        let widths = alignments.indices.map { column in
            rows.map { $0[column].columnWidth }.max() ?? 0
        }
        return zip(rows, tones).map { row, tones in
            var line = ""
            // Spaces are written before the next cell, so that lines have none at their ends.
            var gap = 0
            for column in alignments.indices {
                let padding = widths[column] - row[column].columnWidth
                if alignments[column] == .right { gap += padding }
                if !row[column].isEmpty {
                    line += String(repeating: " ", count: gap)
                    line += style.applied(tones[column], to: row[column])
                    gap = 0
                }
                if alignments[column] == .left { gap += padding }
                gap += 2
            }
            return line + "\n"
        }.joined()
    }
}

extension String {
    /// The number of terminal columns that the text takes.
    var columnWidth: Int { reduce(0) { $0 + $1.columnWidth } }

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
