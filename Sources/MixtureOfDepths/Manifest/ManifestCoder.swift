import FoundationEssentials

/// The coding of JSON in the manifest's entries.
package struct ManifestCoder {
    private let encoder: JSONEncoder
    private let decoder = JSONDecoder()

    /// A coder; one serves all entries of a manifest.
    package init() {
        encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    }

    /// A value as JSON: the same text for the same value.
    ///
    /// - Throws: `EncodingError` for a number that is not finite.
    package func json(_ value: some Encodable) throws -> String {
        String(decoding: try encoder.encode(value), as: UTF8.self)
    }

    /// The value that JSON holds; nil for JSON of another form.
    package func value<Value: Decodable>(_ type: Value.Type, _ json: String) -> Value? {
        try? decoder.decode(type, from: Data(json.utf8))
    }
}
