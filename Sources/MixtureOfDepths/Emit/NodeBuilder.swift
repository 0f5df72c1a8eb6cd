import GraphIR
import Operators

/// Adds the nodes and constants of one block to a graph. It alone, within emission, knows how opsets differ
/// in spelling.
struct NodeBuilder {
    var edit: GraphEdit
    /// The prefix of new names.
    let scope: String
    /// The nodes that were added, in order.
    private(set) var nodes: [NodeID] = []
    /// The trained constants by path. A constant that exists already is reused.
    var weights: [String: ValueID] = [:]
    /// The results of `split`, by path.
    private var parts: [String: (first: ValueID, rest: ValueID)] = [:]

    init(_ edit: consuming GraphEdit, scope: String) {
        self.edit = edit
        self.scope = scope
    }

    /// The opset of the default domain that the graph imports.
    var opset: Int { edit.graph.opsets.onnx }

    func name(_ value: ValueID) -> String { edit.graph[value].name }

    /// The static height and width of a value [N, C, H, W]; nil if one is open.
    func extents(of value: ValueID) -> (height: Int, width: Int)? {
        let extents = edit.graph[value].shape?.dims.suffix(2).map(\.value) ?? []
        guard extents.count == 2, let height = extents[0], let width = extents[1] else { return nil }
        return (height, width)
    }

    /// N of a value [N, C, H, W]; nil if its type is unknown.
    func batch(of value: ValueID) -> Dim? { edit.graph[value].shape?.dims.first }

    // MARK: Nodes and constants

    /// Adds a node of one output, named `<scope>/<path>/<operator>`, and returns that output.
    mutating func add(
        _ operatorType: String, _ inputs: [ValueID?], _ path: String, _ attributes: Attributes = [:]
    ) throws -> ValueID {
        guard let value = try addMany(operatorType, inputs, path, attributes, outputs: 1).first else {
            throw GraphError.invalid(place: "\(scope)/\(path)", problem: "a new node has no output")
        }
        return value
    }

    mutating func addMany(
        _ operatorType: String, _ inputs: [ValueID?], _ path: String, _ attributes: Attributes, outputs: Int
    ) throws -> [ValueID] {
        let name = "\(scope)/\(path)/\(operatorType)"
        var names: [String] = []
        for index in 0..<outputs { names.append(edit.uniqueName("\(name)_output_\(index)")) }
        let node = try edit.addNode(
            operatorType, name: name, inputs: inputs, outputs: names, attributes: attributes)
        nodes.append(node)
        return edit.graph[node].outputs.compactMap { $0 }
    }

    /// Copies a node, with its parameters and attributes, onto another input.
    mutating func copy(_ id: NodeID, _ path: String, onto value: ValueID) throws -> ValueID {
        let node = edit.graph[id]
        return try add(node.operatorType, [value] + node.inputs.dropFirst(), path, node.attributes)
    }

    /// Adds a constant named `<scope>/<path>`.
    mutating func constant(_ path: String, _ tensor: Tensor) throws -> ValueID {
        try edit.addInitializer(edit.uniqueName("\(scope)/\(path)"), tensor)
    }

    /// Adds a constant that training changes, or reuses that of a block with the same source weights.
    mutating func weight(_ path: String, _ tensor: Tensor) throws -> ValueID {
        if let shared = weights[path] { return shared }
        let value = try constant(path, tensor)
        weights[path] = value
        return value
    }

    // MARK: Operators whose spelling depends on the opset

    mutating func reshape(_ value: ValueID, _ extents: [Int64], _ path: String) throws -> ValueID {
        let target = try constant("\(path)/extents", Tensor(extents))
        return try add("Reshape", [value, target], path)
    }

    /// Channels `start ..< end` of a value.
    mutating func slice(_ value: ValueID, _ start: Int, _ end: Int, _ path: String) throws -> ValueID {
        let bounds = (Int64(start), Int64(end))
        guard opset >= 10 else {
            return try add(
                "Slice", [value], path,
                ["axes": .ints([1]), "starts": .ints([bounds.0]), "ends": .ints([bounds.1])])
        }
        let starts = try constant("\(path)/starts", Tensor([bounds.0]))
        let ends = try constant("\(path)/ends", Tensor([bounds.1]))
        let axes = try constant("\(path)/axes", Tensor([Int64(1)]))
        return try add("Slice", [value, starts, ends, axes], path)
    }

    /// The channels before `position`, and those from it on. One Split gives both where onnx2torch supports
    /// it, up to opset 17. The same path gives the same parts again.
    mutating func split(
        _ value: ValueID, at position: Int, of channels: Int, _ path: String
    ) throws -> (first: ValueID, rest: ValueID) {
        if let parts = parts[path] { return parts }
        let sizes = [Int64(position), Int64(channels - position)]
        let emitted: (ValueID, ValueID)
        if opset >= 18 {
            emitted = (
                try slice(value, 0, position, "\(path)/first"),
                try slice(value, position, channels, "\(path)/rest")
            )
        } else {
            let outputs =
                opset >= 13
                ? try addMany(
                    "Split", [value, try constant("\(path)/sizes", Tensor(sizes))], path,
                    ["axis": .int(1)], outputs: 2)
                : try addMany(
                    "Split", [value], path, ["axis": .int(1), "split": .ints(sizes)], outputs: 2)
            emitted = (outputs[0], outputs[1])
        }
        parts[path] = emitted
        return emitted
    }

    /// A value with `count` channels of zeros appended.
    mutating func padChannels(_ value: ValueID, by count: Int, _ path: String) throws -> ValueID {
        let pads: [Int64] = [0, 0, 0, 0, 0, Int64(count), 0, 0]
        let mode: Attribute = .string("constant")
        return opset >= 11
            ? try add("Pad", [value, try constant("\(path)/pads", Tensor(pads))], path, ["mode": mode])
            : try add("Pad", [value], path, ["mode": mode, "pads": .ints(pads)])
    }
}
