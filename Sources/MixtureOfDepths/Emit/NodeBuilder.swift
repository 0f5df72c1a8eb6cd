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
        return opset >= 11
            ? try add("Pad", [value, try constant("\(path)/pads", Tensor(pads))], path)
            : try add("Pad", [value], path, ["pads": .ints(pads)])
    }

    /// The values and the indices of the `count` largest, or smallest, along axis 1.
    ///
    /// - Parameter sorted: false where the order of the results does not matter, which lets some runtimes
    ///   save time.
    mutating func topK(
        _ value: ValueID, _ count: Int, _ path: String, largest: Bool, sorted: Bool = true
    ) throws -> (values: ValueID, indices: ValueID) {
        let k = Int64(count)
        let outputs: [ValueID]
        if opset < 10 {
            outputs = try addMany("TopK", [value], path, ["axis": .int(1), "k": .int(k)], outputs: 2)
        } else {
            let kept = try constant("\(path)/k", Tensor([k]))
            var attributes: Attributes = ["axis": .int(1)]
            if opset >= 11 {
                attributes["largest"] = .int(largest ? 1 : 0)
                if !sorted { attributes["sorted"] = .int(0) }
            }
            outputs = try addMany("TopK", [value, kept], path, attributes, outputs: 2)
        }
        return (outputs[0], outputs[1])
    }

    /// Indices [N, count, 1, 1] in ascending order.
    ///
    /// From opset 11 on, TopK takes integers and can return the smallest first. Before that, -i is sorted as
    /// floats, which is exact below 2^24 channels.
    mutating func sorted(_ indices: ValueID, _ count: Int, in scope: String) throws -> ValueID {
        guard opset < 11 else { return try topK(indices, count, "\(scope)sort", largest: false).values }
        let minusOne = try constant("sort/minus_one", Tensor(scalar: Float(-1)))
        let float = try add("Cast", [indices], "sort/float", ["to": .int(1)])
        let negative = try add("Mul", [float, minusOne], "sort/negate")
        let sorted = try topK(negative, count, "sort", largest: true).values
        let positive = try add("Mul", [sorted, minusOne], "sort/restore")
        return try add("Cast", [positive], "sort/integer", ["to": .int(7)])
    }

    /// Gathers whole channels of each sample by its own indices [N, k, 1, 1]: GatherND with batch_dims 1,
    /// opset 12.
    mutating func gatherChannels(_ value: ValueID, _ indices: ValueID, _ k: Int) throws -> ValueID {
        let rows = try reshape(indices, [0, Int64(k), 1], "gather/indices")
        return try add("GatherND", [value, rows], "gather", ["batch_dims": .int(1)])
    }
}
