import ArgumentParser
import GraphIR

/// Finds misspelled commands and options, and the words that the user probably meant.
enum Misspelling {
    /// The first word, if it looks like a command but is neither a command, an option nor a file. The parser
    /// would take it for a model, since `convert` is the default subcommand.
    static func command(_ arguments: [String]) -> UsageError? {
        guard let word = arguments.first, !word.hasPrefix("-"),
            word.allSatisfy({ $0.isLetter || $0 == "-" }), !commands.contains(word),
            (try? MappedFile(path: word)) == nil
        else { return nil }
        if word == "version" {
            return UsageError(word, "is no command", remedy: "`modconvert --version` prints the version")
        }
        let nearest = commands.map { (name: $0, distance: distance(word, $0)) }.min {
            $0.distance < $1.distance
        }
        guard let nearest, nearest.distance <= 2 else { return nil }
        return UsageError(
            word, "is neither a command nor a file", remedy: "`modconvert \(nearest.name)` may be meant")
    }

    /// The option that the user may have meant by one that no command has: one that ends in the same words,
    /// as `--mod-ratio` ends in `--ratio`.
    static func option(_ arguments: [String]) -> String? {
        guard let options = try? CommandHelp.read().allOptions else { return nil }
        let known = Set(options)
        for word in arguments where word.hasPrefix("--") && word.count > 2 {
            let name = String(word.dropFirst(2).prefix { $0 != "=" })
            guard !known.contains(name) else { continue }
            let longer = known.filter { $0.hasSuffix("-\(name)") }
            return longer.count == 1 ? longer.first.map { "--\($0)" } : nil
        }
        return nil
    }

    private static let commands =
        ModConvert.configuration.subcommands.compactMap { $0.configuration.commandName } + ["help"]

    /// The fewest insertions, deletions, replacements and swaps of neighbours that turn one word into the
    /// other (optimal string alignment). O(product of the lengths).
    static func distance(_ first: String, _ second: String) -> Int {
        let (a, b) = (Array(first), Array(second))
        var rows = [Array(0...b.count)]
        for i in 1...max(1, a.count) where !a.isEmpty {
            var row = [i]
            for j in 1...max(1, b.count) where !b.isEmpty {
                let isEqual = a[i - 1] == b[j - 1]
                var best = min(rows[i - 1][j] + 1, row[j - 1] + 1, rows[i - 1][j - 1] + (isEqual ? 0 : 1))
                if i > 1, j > 1, a[i - 1] == b[j - 2], a[i - 2] == b[j - 1] {
                    best = min(best, rows[i - 2][j - 2] + 1)
                }
                row.append(best)
            }
            rows.append(row)
        }
        return rows[a.count][b.count]
    }
}
