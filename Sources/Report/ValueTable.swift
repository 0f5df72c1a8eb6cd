import GraphIR

/// The values that a graph's nodes compute, with their shapes, in topological order.
public struct ValueTable: Encodable, Sendable {
    struct Row: Encodable {
        let name: String
        let type: JSONType?
        /// The size for one sample if the batch is open; nil if another extent is open.
        let bytes: Int?
        let computedBy: String
        let readers: Int
    }

    let rows: [Row]

    /// The values that a graph's nodes compute.
    public init(_ graph: Graph) {
        rows = graph.nodes.flatMap { node in
            node.outputs.compactMap { output in
                output.map { id in
                    let value = graph[id]
                    let bytes = ValueTable.bytes(value.tensorType)
                    return Row(
                        name: value.name, type: value.tensorType.map(JSONType.init), bytes: bytes,
                        computedBy: node.operatorType, readers: value.useCount)
                }
            }
        }
    }

    /// The text that the command prints.
    public var text: String {
        var table = TextTable([
            ("type", .left), ("size", .right), ("computed by", .left), ("readers", .right), ("value", .left),
        ])
        for row in rows {
            table.add([
                row.type?.text ?? "?", row.bytes.map(Quantity.bytes) ?? "?", row.computedBy, "\(row.readers)",
                row.name,
            ])
        }
        return table.text
    }

    private static func bytes(_ type: TensorType?) -> Int? {
        guard let type, var shape = type.shape else { return nil }
        if let batch = shape.dims.first, batch.value == nil { shape[0] = 1 }
        return shape.elementCount.flatMap(type.elementType.byteCount)
    }
}
