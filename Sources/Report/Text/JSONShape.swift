import GraphIR

/// Extents as JSON: `[1, 3, 224, 224]`, a symbol by its name, null for an extent that is unknown.
struct JSONShape: Encodable, Sendable {
    private let dims: [Dim]

    init(_ shape: Shape) { dims = shape.dims }

    func encode(to encoder: any Encoder) throws {
        var list = encoder.unkeyedContainer()
        for dim in dims {
            switch dim {
            case .fixed(let extent): try list.encode(extent)
            case .symbol(let name): try list.encode(name)
            case .unknown: try list.encodeNil()
            }
        }
    }
}

/// A tensor's type as JSON: `{"element": "float", "shape": [1, 1000]}`; without a shape if the rank is unknown.
struct JSONType: Encodable, Sendable {
    let element: String
    let shape: JSONShape?
    /// `float[1x1000]`, for tables.
    let text: String

    init(_ type: TensorType) {
        element = type.elementType.onnxName
        shape = type.shape.map(JSONShape.init)
        text = type.description
    }

    private enum CodingKeys: CodingKey { case element, shape }
}
