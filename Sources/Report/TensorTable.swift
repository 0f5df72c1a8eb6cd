import GraphIR

/// A model's initialisers by size, the largest first.
public struct TensorTable: Encodable, Sendable {
    struct Row: Encodable {
        let name: String
        let type: JSONType
        let bytes: Int
        /// The operators that read it.
        let readers: [String]
    }

    let rows: [Row]
    /// The bytes of all initialisers, including those not listed.
    let totalBytes: Int
    let totalCount: Int

    /// - Parameter limit: the number of initialisers to list; nil for all.
    public init(_ graph: Graph, limit: Int?) {
        let all = graph.initializers.compactMap { value -> (Value, Tensor)? in
            value.initializer.map { (value, $0) }
        }
        .sorted { ($1.1.bytes.count, $0.0.name) < ($0.1.bytes.count, $1.0.name) }
        rows = all.prefix(limit ?? all.count).map { value, tensor in
            Row(
                name: value.name, type: JSONType(tensor.type), bytes: tensor.bytes.count,
                readers: graph.consumers(of: value.id).map(\.operatorType))
        }
        totalBytes = all.reduce(0) { $0 + $1.1.bytes.count }
        totalCount = all.count
    }

    /// The text that the command prints.
    public var text: String {
        var table = TextTable([
            ("size", .right), ("share", .right), ("type", .left), ("read by", .left), ("tensor", .left),
        ])
        for row in rows {
            let others = row.readers.count - 1
            table.add([
                Quantity.bytes(row.bytes), Quantity.share(row.bytes, of: totalBytes), row.type.text,
                (row.readers.first ?? "nothing") + (others > 0 ? " and \(others) more" : ""), row.name,
            ])
        }
        let unlisted = totalCount - rows.count
        return table.text + (unlisted > 0 ? "and \(unlisted) more\n" : "")
    }
}
