import FoundationEssentials

/// Encodes reports as JSON.
public enum JSONText {
    /// The document as JSON, with the name of its schema: keys in `snake_case`, sorted; the same document gives
    /// the same bytes.
    ///
    /// Numbers that JSON cannot represent are the strings `NaN`, `Infinity` and `-Infinity`.
    public static func encode(_ document: some JSONDocument) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        encoder.keyEncodingStrategy = .convertToSnakeCase
        encoder.nonConformingFloatEncodingStrategy = .convertToString(
            positiveInfinity: "Infinity", negativeInfinity: "-Infinity", nan: "NaN")
        return String(decoding: try encoder.encode(LabelledDocument(document: document)), as: UTF8.self)
            + "\n"
    }
}
