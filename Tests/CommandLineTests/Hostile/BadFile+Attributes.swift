import FuzzTargets

extension BadFile {
    /// Attributes of a convolution that divide by zero, overflow, or are of the wrong length or kind.
    private static let convolution: [BadFile] = {
        let lists: [(String, [[Int64]])] = [
            ("strides", [[0, 1], [-1, 1], [.min, 1], [1], [1, 1, 1], []]),
            ("dilations", [[0, 1], [-1, 1], [.max, .max], [1], [1, 1, 1]]),
            (
                "pads",
                [
                    [.max, 0, 0, 0], [.max, .max, .max, .max], [.min, 0, 0, 0], [-9, -9, -9, -9], [1],
                    [1, 1, 1, 1, 1],
                ]
            ),
            ("kernel_shape", [[0, 0], [-3, 3], [.max, .max], [3], [5, 5], [3, 3, 3]]),
        ]
        var attributes: [(String, WireTree)] = []
        for (name, values) in lists {
            for value in values {
                attributes.append(("\(name) \(value)", ModelMessage.attribute(name, ints: value)))
            }
        }
        let groups: [Int64] = [0, -1, .max, .min, 3, 1000]
        for group in groups {
            attributes.append(("group \(group)", ModelMessage.attribute("group", int: group)))
        }
        attributes += [
            ("auto_pad unknown", ModelMessage.attribute("auto_pad", string: "SOMETIMES")),
            ("strides as a number", ModelMessage.attribute("strides", int: 1)),
            ("group as a list", ModelMessage.attribute("group", ints: [1])),
            ("group as a float", ModelMessage.attribute("group", float: .nan)),
            ("pads as a text", ModelMessage.attribute("pads", string: "1111")),
            (
                "strides of a million entries",
                ModelMessage.attribute("strides", ints: [Int64](repeating: 1, count: 1_000_000))
            ),
        ]
        return attributes.map { name, attribute in
            BadFile(
                "attributes of Conv", name,
                TinyNetwork.changing(node: "layer1.0.a") { node in
                    let old = node.fields.firstIndex {
                        guard case .message(let tree) = $0.value else { return false }
                        return tree.fields.first == attribute.fields.first
                    }
                    if let old { node.fields.remove(at: old) }
                    node.fields.append(.message(5, attribute))
                })
        }
    }()

    /// One node on a 1x4x4x4 input, and constants as further inputs.
    private struct SingleNode {
        let type: String
        var attributes: [WireTree] = []
        /// Integers for the inputs after the first.
        var constants: [[Int64]] = []
        var opset: Int64 = 17
        var outputs = 1

        var bytes: [UInt8] {
            let names = constants.indices.map { "c\($0)" }
            let results = (0..<outputs).map { "y\($0)" }
            let node = ModelMessage.node(type, ["x"] + names, results, attributes)
            var fields = [node, ModelMessage.value(11, "x", [1, 4, 4, 4])]
            for (name, integers) in zip(names, constants) {
                fields.append(ModelMessage.initializer(name, integers: integers))
            }
            for name in results { fields.append(.message(12, WireTree(.valueInfo, [.text(1, name)]))) }
            return ModelMessage.model(WireTree(.graph, fields), opsets: [("", opset)]).serialized
        }
    }

    private static let axes: [SingleNode] = {
        let axes: [Int64] = [.max, .min, 5, -5]
        var nodes: [SingleNode] = []
        for axis in axes {
            let attribute = ModelMessage.attribute("axis", int: axis)
            for type in ["Softmax", "Flatten", "Concat", "ArgMax", "Split"] {
                nodes.append(SingleNode(type: type, attributes: [attribute]))
            }
            nodes.append(SingleNode(type: "TopK", attributes: [attribute], constants: [[1]], outputs: 2))
            nodes.append(SingleNode(type: "CumSum", constants: [[axis]]))
        }
        return nodes
    }()

    /// Operators and what their second input, a list of integers, cannot be.
    private static let lists: [(type: String, lists: [[Int64]])] = [
        (
            "Reshape",
            [
                [-1, -1], [-2, 32], [.max, .max], [.min], [7], [0, 0, 0, 0, 0], [1 << 32, 1 << 32],
            ]
        ),
        ("Expand", [[.max, .max, .max, .max], [-1, -1, 4, 4], [1, 3, 4, 4], [.min]]),
        ("Tile", [[.max, 1, 1, 1], [-1, 1, 1, 1], [1, 1], [.min, .min, .min, .min]]),
        (
            "Pad",
            [
                [.max, 0, 0, 0, 0, 0, 0, 0], [.max, .max, .max, .max, .max, .max, .max, .max], [1],
                [-9, -9, -9, -9, -9, -9, -9, -9],
            ]
        ),
        ("TopK", [[-1], [.max], [.min], [5]]),
        ("Split", [[-1, 5], [.max, .max], [4], [1, 2], [.min, .max]]),
        ("Unsqueeze", [[9], [-9], [.max], [.min]]), ("Squeeze", [[1], [-5], [.max], [0, 0]]),
        ("ReduceSum", [[4], [-5], [.max], [.min]]), ("Gather", [[9], [.min], [.max], [-2]]),
    ]

    private static let slices: [[[Int64]]] = [
        [[0], [.max], [0], [0]], [[0], [1], [9], [1]], [[0, 0], [1], [0], [1]], [[0], [1], [0, 0], [1, 1]],
    ]

    private static let extents: [SingleNode] =
        lists.flatMap { type, lists in
            lists.map { list in
                SingleNode(
                    type: type, attributes: type == "Split" ? [ModelMessage.attribute("axis", int: 1)] : [],
                    constants: [list], outputs: ["Split", "TopK"].contains(type) ? 2 : 1)
            }
        } + slices.map { SingleNode(type: "Slice", constants: $0) }

    private static let others: [SingleNode] = impossible.map { SingleNode(type: $0.0, attributes: [$0.1]) }

    private static let impossible: [(String, WireTree)] = [
        ("Transpose", ModelMessage.attribute("perm", ints: [0, 1, 1, 3])),
        ("Transpose", ModelMessage.attribute("perm", ints: [0, 1])),
        ("Transpose", ModelMessage.attribute("perm", ints: [.min, .max, 0, 1])),
        ("Transpose", ModelMessage.attribute("perm", int: 0)),
        ("MaxPool", ModelMessage.attribute("kernel_shape", ints: [0, 0])),
        ("MaxPool", ModelMessage.attribute("kernel_shape", ints: [9, 9])),
        ("MaxPool", ModelMessage.attribute("kernel_shape", ints: [.max, .max])),
        ("MaxPool", ModelMessage.attribute("strides", ints: [1, 1])),
        ("AveragePool", ModelMessage.attribute("kernel_shape", ints: [-1, -1])),
        ("AveragePool", ModelMessage.attribute("kernel_shape", ints: [2])),
        ("LRN", ModelMessage.attribute("size", int: 0)),
        ("LRN", ModelMessage.attribute("size", int: .min)),
        ("DepthToSpace", ModelMessage.attribute("blocksize", int: 0)),
        ("DepthToSpace", ModelMessage.attribute("blocksize", int: .max)),
        ("DepthToSpace", ModelMessage.attribute("blocksize", int: 3)),
        ("Cast", ModelMessage.attribute("to", int: 0)),
        ("Cast", ModelMessage.attribute("to", int: .max)),
        ("LpPool", ModelMessage.attribute("kernel_shape", ints: [0, 2])),
        ("Constant", ModelMessage.attribute("value_int", int: 1)),
        ("ConstantOfShape", ModelMessage.attribute("value", int: 1)),
    ]

    static let attributes: [BadFile] =
        convolution
        + (axes + others).enumerated().map {
            BadFile("attributes", "\($0.element.type) \($0.offset)", command: .run, $0.element.bytes)
        }

    /// Constants that ask for impossible shapes.
    static let shapes: [BadFile] = extents.enumerated().map {
        BadFile("shapes", "\($0.element.type) \($0.offset)", command: .run, $0.element.bytes)
    }

    /// Files of a few hundred bytes that ask for terabytes, or for years.
    static let claims: [BadFile] =
        largeTensors.map { BadFile("claims", $0.0, command: .run, $0.1) }
        + [doubling, doublingConstant, work, range].map { BadFile("claims", $0.0, command: .run, $0.1) }

    private static let largeTensors: [(String, [UInt8])] = [
        (
            "10^12 elements of an input",
            graph([1, 1_000_000, 1_000_000], [ModelMessage.node("Relu", ["x"], ["y"])])
        ),
        ("2^62 elements of an input", graph([1 << 31, 1 << 31], [ModelMessage.node("Relu", ["x"], ["y"])])),
        ("10^12 elements of a constant", constant([1_000_000, 1_000_000])),
        ("2^31 elements of a constant", constant([1 << 31])),
        ("2^62 elements of a constant", constant([1 << 62])),
        ("overflowing constant", constant([.max, .max, .max])),
        ("expansion to 10^12", SingleNode(type: "Expand", constants: [[1_000_000_000, 4, 4, 4]]).bytes),
        ("2^40 tiles", SingleNode(type: "Tile", constants: [[1 << 40, 1, 1, 1]]).bytes),
        (
            "padding by 10^12",
            SingleNode(type: "Pad", constants: [[1_000_000_000_000, 0, 0, 0, 0, 0, 0, 0]]).bytes
        ),
        (
            "resizing to 10^12",
            graph(
                [1, 1, 4, 4], [ModelMessage.node("Resize", ["x", "", "", "s"], ["y"])],
                [ModelMessage.initializer("s", integers: [1, 1, 1_000_000, 1_000_000])])
        ),
    ]

    private static let doubling: (String, [UInt8]) = {
        let axis = [ModelMessage.attribute("axis", int: 0)]
        let nodes = (0..<60).map { level in
            ModelMessage.node(
                "Concat", level == 0 ? ["x", "x"] : ["v\(level)", "v\(level)"],
                [level == 59 ? "y" : "v\(level + 1)"], axis)
        }
        return ("doubling 60 times", graph([1], nodes))
    }()

    private static let doublingConstant: (String, [UInt8]) = {
        let axis = [ModelMessage.attribute("axis", int: 0)]
        var nodes = [ModelMessage.node("ConstantOfShape", ["s"], ["v0"])]
        for level in 0..<40 {
            nodes.append(ModelMessage.node("Concat", ["v\(level)", "v\(level)"], ["v\(level + 1)"], axis))
        }
        nodes.append(ModelMessage.node("Add", ["x", "v40"], ["y"]))
        return (
            "doubling a constant 40 times", graph([1], nodes, [ModelMessage.initializer("s", integers: [1])])
        )
    }()

    private static let work: (String, [UInt8]) = {
        let pads = [ModelMessage.attribute("pads", ints: [250, 250, 250, 250])]
        var nodes = [ModelMessage.node("ConstantOfShape", ["s"], ["w"])]
        for layer in 0..<300 {
            nodes.append(
                ModelMessage.node(
                    "Conv", [layer == 0 ? "x" : "v\(layer)", "w"], [layer == 299 ? "y" : "v\(layer + 1)"],
                    pads))
        }
        return (
            "10^13 multiplications",
            graph([1, 1, 1000, 1000], nodes, [ModelMessage.initializer("s", integers: [1, 1, 501, 501])])
        )
    }()

    private static let range: (String, [UInt8]) = {
        let scalars: [(String, Int64)] = [("a", 0), ("b", 1_000_000_000_000), ("c", 1)]
        let constants = scalars.map { name, value in
            WireTree.Field.message(
                5,
                ModelMessage.tensor(
                    name, [], element: 7, raw: withUnsafeBytes(of: value.littleEndian, Array.init)))
        }
        let nodes = [
            ModelMessage.node("Range", ["a", "b", "c"], ["r"]),
            ModelMessage.node("Cast", ["r"], ["f"], [ModelMessage.attribute("to", int: 1)]),
            ModelMessage.node("Add", ["x", "f"], ["y"]),
        ]
        return ("a range of 10^12", graph([1], nodes, constants))
    }()

    private static func constant(_ shape: [Int64]) -> [UInt8] {
        let nodes = [
            ModelMessage.node("ConstantOfShape", ["s"], ["c"]), ModelMessage.node("Add", ["x", "c"], ["y"]),
        ]
        return graph([1], nodes, [ModelMessage.initializer("s", integers: shape)])
    }

    /// A graph of nodes between `x`, of a given shape, and `y`.
    private static func graph(_ dims: [Int64], _ nodes: [WireTree.Field], _ constants: [WireTree.Field] = [])
        -> [UInt8]
    {
        let interface = [
            ModelMessage.value(11, "x", dims),
            WireTree.Field.message(12, WireTree(.valueInfo, [.text(1, "y")])),
        ]
        return ModelMessage.model(WireTree(.graph, nodes + constants + interface)).serialized
    }
}
