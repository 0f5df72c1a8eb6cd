/// Makes text from files and users fit for one line.
extension String {
    /// The text, or its beginning and end with dots between if it has more than `limit` Unicode scalars.
    public func abbreviated(to limit: Int) -> String {
        let dots = "..."
        guard unicodeScalars.count > limit else { return self }
        let kept = max(0, limit - dots.count)
        var result = String.UnicodeScalarView(unicodeScalars.prefix(kept - kept / 2))
        result.append(contentsOf: dots.unicodeScalars)
        result.append(contentsOf: unicodeScalars.suffix(kept / 2))
        return String(result)
    }

    /// The text with everything in quotation marks abbreviated.
    func abbreviatingQuotations(to limit: Int) -> String {
        let parts = split(separator: "\"", omittingEmptySubsequences: false)
        return parts.enumerated().map { position, part in
            let isQuoted = position % 2 == 1 && position < parts.count - 1
            return isQuoted ? String(part).abbreviated(to: limit) : String(part)
        }.joined(separator: "\"")
    }

    /// The text with everything that could break a line, or change how it reads, written as `\u{..}`: control
    /// characters, line breaks of any kind, marks that change the direction of writing.
    public var escapingControlCharacters: String {
        guard unicodeScalars.contains(where: \.breaksLines) else { return self }
        return unicodeScalars.reduce(into: "") { text, scalar in
            if scalar.breaksLines {
                text += "\\u{\(String(scalar.value, radix: 16))}"
            } else {
                text.unicodeScalars.append(scalar)
            }
        }
    }
}

extension [String] {
    func isLonger(than limit: Int) -> Bool { reduce(0) { $0 + $1.unicodeScalars.count } > limit }

    /// The texts, the longest ones abbreviated until all together have at most `room` Unicode scalars. Each
    /// may have an equal share, and the longer ones get what short ones leave.
    func fitted(into room: Int) -> [String] {
        var (result, room, left) = (self, room, count)
        for (index, length) in map(\.unicodeScalars.count).enumerated().sorted(by: { $0.1 < $1.1 }) {
            result[index] = self[index].abbreviated(to: room / left)
            room -= Swift.min(length, room / left)
            left -= 1
        }
        return result
    }
}

extension Unicode.Scalar {
    fileprivate var breaksLines: Bool {
        guard value < 0x20 || value >= 0x7F else { return false }
        return switch properties.generalCategory {
        case .control, .lineSeparator, .paragraphSeparator: true
        default: properties.isBidiControl
        }
    }
}
