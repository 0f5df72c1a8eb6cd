/// A result that a command writes as JSON.
///
/// Documents are a contract: `docs/schemas/<kind>-<version>.json` describes each, and whatever changes the
/// meaning of a member, or takes one away, raises the version.
public protocol JSONDocument: Encodable {
    /// The document's kind and version, such as `conversion/1`.
    static var schema: String { get }
}

/// A document with the name of its schema beside its own members.
struct LabelledDocument<Document: JSONDocument>: Encodable {
    let document: Document

    private enum CodingKeys: CodingKey { case schema }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode("modconvert.\(Document.schema)", forKey: .schema)
        try document.encode(to: encoder)
    }
}
