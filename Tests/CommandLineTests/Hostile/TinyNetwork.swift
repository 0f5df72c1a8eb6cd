import FuzzTargets

/// A residual network of some kilobytes that can be converted: what the broken files are broken copies of.
///
/// Stem, two basic blocks of four channels on a 6x6 image, global pooling and a classifier.
enum TinyNetwork {
    static let channels = 4

    static var model: WireTree { ModelMessage.model(graph) }

    static var bytes: [UInt8] { model.serialized }

    static var graph: WireTree {
        var fields = [ModelMessage.node("Conv", ["x", "stem.w"], ["stem"], convolution, name: "stem")]
        fields.append(ModelMessage.node("Relu", ["stem"], ["layer1.0.in"]))
        for block in 0..<2 {
            let (scope, next) = ("layer1.\(block)", block == 0 ? "layer1.1.in" : "features")
            fields += [
                ModelMessage.node(
                    "Conv", ["\(scope).in", "\(scope).w1"], ["\(scope).a"], convolution,
                    name: "\(scope).conv1"),
                ModelMessage.node("Relu", ["\(scope).a"], ["\(scope).b"]),
                ModelMessage.node(
                    "Conv", ["\(scope).b", "\(scope).w2"], ["\(scope).c"], convolution, name: "\(scope).conv2"
                ),
                ModelMessage.node(
                    "Add", ["\(scope).c", "\(scope).in"], ["\(scope).sum"], name: "\(scope).add"),
                ModelMessage.node("Relu", ["\(scope).sum"], [next]),
            ]
        }
        fields += [
            ModelMessage.node("GlobalAveragePool", ["features"], ["pooled"]),
            ModelMessage.node("Flatten", ["pooled"], ["flat"], [ModelMessage.attribute("axis", int: 1)]),
            ModelMessage.node(
                "Gemm", ["flat", "fc.w", "fc.b"], ["y"], [ModelMessage.attribute("transB", int: 1)],
                name: "fc"),
            .text(2, "tiny"),
            weight("stem.w", [4, 3, 3, 3]),
        ]
        for block in 0..<2 {
            fields += [
                weight("layer1.\(block).w1", [4, 4, 3, 3]), weight("layer1.\(block).w2", [4, 4, 3, 3]),
            ]
        }
        fields += [
            weight("fc.w", [5, 4]), weight("fc.b", [5]), ModelMessage.value(11, "x", [1, 3, 6, 6]),
            ModelMessage.value(12, "y", [1, 5]),
        ]
        return WireTree(.graph, fields)
    }

    static let convolution = [
        ModelMessage.attribute("kernel_shape", ints: [3, 3]),
        ModelMessage.attribute("pads", ints: [1, 1, 1, 1]),
        ModelMessage.attribute("strides", ints: [1, 1]), ModelMessage.attribute("group", int: 1),
    ]

    private static func weight(_ name: String, _ dims: [Int64]) -> WireTree.Field {
        let count = Int(dims.reduce(1, *))
        return ModelMessage.initializer(
            name, dims, floats: (0..<count).map { Float(($0 * 7 + name.utf8.count) % 11 - 5) / 16 })
    }

    // MARK: Changes

    /// The network with its graph changed.
    static func changing(_ change: (inout WireTree) -> Void) -> [UInt8] {
        var graph = graph
        change(&graph)
        return ModelMessage.model(graph).serialized
    }

    /// The network with one of its nodes, named by its output, changed.
    static func changing(node output: String, _ change: (inout WireTree) -> Void) -> [UInt8] {
        changing { $0.change(1, where: { $0.fields.contains(.text(2, output)) }, change) }
    }

    /// The network with one of its initialisers changed.
    static func changing(initializer name: String, _ change: (inout WireTree) -> Void) -> [UInt8] {
        changing { $0.change(5, where: { $0.fields.contains(.text(8, name)) }, change) }
    }
}

extension WireTree {
    /// Changes the first message of a field that fits.
    mutating func change(
        _ field: UInt64, where fits: (WireTree) -> Bool = { _ in true }, _ change: (inout WireTree) -> Void
    ) {
        for index in fields.indices where fields[index].number == field {
            guard case .message(var tree) = fields[index].value, fits(tree) else { continue }
            change(&tree)
            fields[index].value = .message(tree)
            return
        }
    }

    /// Puts `values` in the place of all entries of a field.
    mutating func replace(_ field: UInt64, with values: [Field]) {
        let index = fields.firstIndex { $0.number == field } ?? fields.endIndex
        fields.removeAll { $0.number == field }
        fields.insert(contentsOf: values, at: min(index, fields.count))
    }
}
