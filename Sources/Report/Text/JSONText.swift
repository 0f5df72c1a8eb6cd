import FoundationEssentials

/// Encodes reports as JSON.
public enum JSONText {
    /// The report as JSON: keys in `snake_case`, sorted; the same report gives the same bytes.
    ///
    /// Numbers that JSON cannot represent are the strings `NaN`, `Infinity` and `-Infinity`.
    public static func encode(_ report: some Encodable) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        encoder.keyEncodingStrategy = .convertToSnakeCase
        encoder.nonConformingFloatEncodingStrategy = .convertToString(
            positiveInfinity: "Infinity", negativeInfinity: "-Infinity", nan: "NaN")
        return String(decoding: try encoder.encode(report), as: UTF8.self) + "\n"
    }
}
