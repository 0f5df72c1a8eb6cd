import GraphIR
import Operators

/// A node with its inputs, as arbitrary bytes choose them.
struct OperatorCase {
    let rule: any Operator
    let opset: Int
    let inputs: [Tensor?]
    /// Which inputs are initialisers of the graph; the others are given when it is run.
    let areConstant: [Bool]
    let attributes: Attributes
    let outputCount: Int

    init(_ rule: any Operator, opset: Int, _ source: inout ByteSource) {
        self.rule = rule
        self.opset = opset
        let schema = rule.schema(opset: opset)
        let least = min(schema.inputs.lowerBound, 8)
        let most = min(schema.inputs.upperBound, least + 3)
        let count = least + source.index(below: most - least + 1)
        // Tensors of one shape are what most operators take.
        let shape = OperatorCase.shape(&source)
        var inputs: [Tensor?] = []
        var constants: [Bool] = []
        for position in 0..<count {
            let isLeftOut = position >= least && source.index(below: 4) == 3
            inputs.append(isLeftOut ? nil : OperatorCase.tensor(shape, &source))
            constants.append(source.flag())
        }
        self.inputs = inputs
        areConstant = constants
        var attributes: Attributes = [:]
        for attribute in schema.attributes where attribute.isRequired || source.flag() {
            attributes[attribute.name] = OperatorCase.value(attribute, &source)
        }
        self.attributes = attributes
        outputCount = min(
            schema.outputs.upperBound, max(1, schema.outputs.lowerBound) + source.index(below: 3))
    }

    // MARK: Contexts

    var context: OperatorContext { context(inputs.map { $0?.type }, inputs, []) }

    /// The node without the contents of its inputs.
    var shapesOnly: OperatorContext { context(inputs.map { $0?.type }, inputs.map { _ in nil }, []) }

    func costContext(_ types: [TensorType?]) -> OperatorContext? {
        context(inputs.map { $0?.type }, inputs, types)
    }

    private func context(
        _ types: [TensorType?], _ constants: [Tensor?], _ outputs: [TensorType?]
    ) -> OperatorContext {
        OperatorContext(
            label: "node \"n\"", attributes: attributes, opset: opset, inputTypes: types,
            isPresent: inputs.map { $0 != nil }, constants: constants,
            extents: constants.map(OperatorContext.extents(of:)), outputCount: outputCount,
            outputTypes: outputs)
    }

    // MARK: Graph

    func graph() throws -> Graph {
        var edit = GraphEdit(Graph(name: "g", opsets: OpsetImports(onnx: opset)))
        var ids: [ValueID?] = []
        for (position, tensor) in inputs.enumerated() {
            guard let tensor else {
                ids.append(nil)
                continue
            }
            let name = "input \(position)"
            ids.append(
                areConstant[position]
                    ? try edit.addInitializer(name, tensor)
                    : try edit.addInput(name, type: .tensor(tensor.type)))
        }
        let outputs = (0..<outputCount).map { "output \($0)" }
        try edit.addNode(rule.name, inputs: ids, outputs: outputs, attributes: attributes)
        for name in outputs {
            if let value = edit.graph.value(named: name) { edit.addOutput(value.id) }
        }
        let graph = try edit.commit()
        try SchemaCheck.validate(graph)
        return try ShapeInference.infer(graph)
    }

    var graphInputs: [String: Tensor] {
        var result: [String: Tensor] = [:]
        for (position, tensor) in inputs.enumerated() where !areConstant[position] {
            result["input \(position)"] = tensor
        }
        return result
    }

    // MARK: Choices

    private static func shape(_ source: inout ByteSource) -> [Int] {
        let choice = source.byte()
        let usual = [
            [1, 4, 3, 3], [2, 2, 1, 1], [2, 3], [4], [], [1], [1, 2, 5], [0], [1, 0, 3, 3], [1, 16, 7, 7],
            [2, 8, 4, 6], [1, 1, 2, 2, 2], [17], [1, 3, 1, 9],
        ]
        if choice < 200 { return usual[Int(choice) % usual.count] }
        return (0..<source.index(below: 7)).map { _ in source.index(below: 6) }
    }

    private static func tensor(_ common: [Int], _ source: inout ByteSource) -> Tensor? {
        let kind = source.byte()
        let shape = kind & 0x80 == 0 ? common : self.shape(&source)
        guard let count = Shape.elementCount(of: shape), count <= 4096 else { return nil }
        // The first contents are repeated, so that a tensor does not use up the input.
        func contents<Element>(_ element: (inout ByteSource) -> Element) -> [Element] {
            let pattern = (0..<min(count, 6)).map { _ in element(&source) }
            return (0..<count).map { pattern[$0 % pattern.count] }
        }
        switch kind & 0xF {
        case 0...5: return try? Tensor(shape: shape, contents { $0.real() })
        case 6...9: return try? Tensor(shape: shape, contents { $0.integer() })
        case 10: return try? Tensor(shape: shape, contents { Int32(truncatingIfNeeded: $0.integer()) })
        case 11: return try? Tensor(shape: shape, contents { $0.flag() })
        case 12: return try? Tensor(shape: shape, contents { $0.byte() })
        case 13: return try? Tensor(shape: shape, contents { Int8(truncatingIfNeeded: $0.integer()) })
        case 14: return try? Tensor(shape: shape, contents { Float16($0.real()) })
        default: return try? Tensor(shape: shape, contents { Double($0.real()) })
        }
    }

    private static func value(
        _ rule: OperatorSchema.AttributeRule, _ source: inout ByteSource
    ) -> Attribute? {
        switch rule.kind {
        case .int: return .int(source.integer())
        case .flag: return .int(Int64(source.index(below: 3)))
        case .ints: return .ints((0..<source.pick([2, 4, 1, 0, 3, 8])).map { _ in source.integer() })
        case .float: return .float(source.real())
        case .floats: return .floats((0..<source.pick([4, 1, 0, 2])).map { _ in source.real() })
        case .string:
            return .string(
                source.pick([
                    "NOTSET", "SAME_UPPER", "SAME_LOWER", "VALID", "constant", "reflect", "edge", "wrap",
                    "linear", "nearest", "cubic", "half_pixel", "align_corners", "asymmetric",
                    "tf_crop_and_resize",
                    "floor", "ceil", "round_prefer_floor", "add", "mul", "max", "tanh", "DCR", "CRD", "",
                ]))
        case .tensor: return tensor(shape(&source), &source).map(Attribute.tensor)
        case .strings, .graph, .opaque: return nil
        }
    }
}
