import GraphIR
import Operators
import Testing

/// Attributes and inputs as broken or hostile files have them: an error that names the node, never a trap.
@Suite struct HostileInputTests {
    struct Case: Sendable, CustomStringConvertible {
        let type: String
        let inputs: [Tensor?]
        let attributes: Attributes
        var opset = 17
        var description: String { "\(type) \(attributes.entries.map(\.name))" }
    }

    private static func zeros(_ shape: [Int]) -> Tensor {
        (try? Tensor(shape: shape, [Float](repeating: 0, count: shape.reduce(1, *)))) ?? Tensor([Float]())
    }

    private static let image = zeros([1, 2, 4, 4])
    private static let filters = zeros([2, 2, 3, 3])
    private static let huge = Int64.max

    static let cases: [Case] = [
        Case(type: "Conv", inputs: [image, filters], attributes: ["strides": .ints([0, 1])]),
        Case(type: "Conv", inputs: [image, filters], attributes: ["dilations": .ints([-1, 1])]),
        Case(type: "Conv", inputs: [image, filters], attributes: ["pads": .ints([huge, 1, 1, 1])]),
        Case(type: "Conv", inputs: [image, filters], attributes: ["pads": .ints([1])]),
        Case(type: "Conv", inputs: [image, filters], attributes: ["group": .int(0)]),
        Case(type: "Conv", inputs: [image, filters], attributes: ["group": .int(huge)]),
        Case(type: "Conv", inputs: [image, zeros([2, 2])], attributes: [:]),
        Case(type: "Conv", inputs: [image, zeros([2, 2, 9, 9])], attributes: [:]),
        Case(type: "Conv", inputs: [image, filters, zeros([3])], attributes: [:]),
        Case(type: "ConvTranspose", inputs: [image, filters], attributes: ["group": .int(3)]),
        Case(
            type: "ConvTranspose", inputs: [image, filters],
            attributes: ["output_shape": .ints([huge, huge])]),
        Case(
            type: "ConvTranspose", inputs: [image, filters], attributes: ["output_padding": .ints([huge, 0])]),
        Case(type: "MaxPool", inputs: [image], attributes: ["kernel_shape": .ints([0, 2])]),
        Case(type: "MaxPool", inputs: [image], attributes: ["kernel_shape": .ints([2])]),
        Case(type: "AveragePool", inputs: [image], attributes: ["kernel_shape": .ints([huge, huge])]),
        Case(
            type: "BatchNormalization", inputs: [image, zeros([3]), zeros([3]), zeros([3]), zeros([3])],
            attributes: [:]),
        Case(type: "Gemm", inputs: [zeros([2, 3]), zeros([2, 3])], attributes: [:]),
        Case(type: "MatMul", inputs: [zeros([2, 3]), zeros([])], attributes: [:]),
        Case(type: "Reshape", inputs: [image, Tensor([Int64(-1), -1])], attributes: [:]),
        Case(type: "Reshape", inputs: [image, Tensor([Int64(-2), 16])], attributes: [:]),
        Case(type: "Reshape", inputs: [image, Tensor([huge, huge])], attributes: [:]),
        Case(type: "Reshape", inputs: [image, Tensor([Int64(0), 0, 0, 0, 0])], attributes: [:]),
        Case(type: "Flatten", inputs: [image], attributes: ["axis": .int(5)]),
        Case(type: "Transpose", inputs: [image], attributes: ["perm": .ints([0, 1, 1, 3])]),
        Case(type: "Transpose", inputs: [image], attributes: ["perm": .ints([0, .min])]),
        Case(type: "Concat", inputs: [image, zeros([1, 2, 4, 5])], attributes: ["axis": .int(1)]),
        Case(type: "Concat", inputs: [image, image], attributes: ["axis": .int(.min)]),
        Case(
            type: "Slice", inputs: [image, Tensor([Int64(0)]), Tensor([huge]), nil, Tensor([Int64(0)])],
            attributes: [:]),
        Case(type: "Slice", inputs: [image, Tensor([Int64(0)]), Tensor([huge, 1])], attributes: [:]),
        Case(type: "Split", inputs: [image, Tensor([huge, huge])], attributes: ["axis": .int(1)]),
        Case(type: "Split", inputs: [image, Tensor([Int64(-1), 3])], attributes: ["axis": .int(1)]),
        Case(type: "Gather", inputs: [image, Tensor([Int64.min])], attributes: [:]),
        Case(type: "GatherElements", inputs: [zeros([2]), Tensor([Int64(2)])], attributes: [:]),
        Case(type: "GatherND", inputs: [image, Tensor([Int64(0)])], attributes: ["batch_dims": .int(huge)]),
        Case(type: "GatherND", inputs: [image, Tensor([Int64(7)])], attributes: [:]),
        Case(type: "ScatterND", inputs: [zeros([2]), Tensor([Int64(9)]), zeros([])], attributes: [:]),
        Case(type: "TopK", inputs: [image, Tensor([huge])], attributes: [:]),
        Case(type: "TopK", inputs: [image, Tensor([Int64(-1)])], attributes: [:]),
        Case(type: "Pad", inputs: [image, Tensor([huge, 0, 0, 0, 0, 0, 0, huge])], attributes: [:]),
        Case(type: "Pad", inputs: [image, Tensor([Int64.min, 0, 0, 0, 0, 0, 0, 0])], attributes: [:]),
        Case(type: "Pad", inputs: [image, Tensor([Int64(1)])], attributes: ["mode": .string("reflect")]),
        Case(type: "Squeeze", inputs: [image, Tensor([Int64(1)])], attributes: [:]),
        Case(type: "Unsqueeze", inputs: [image, Tensor([huge])], attributes: [:]),
        Case(type: "ConstantOfShape", inputs: [Tensor([Int64(1_000_000), 1_000_000])], attributes: [:]),
        Case(type: "ConstantOfShape", inputs: [Tensor([Int64(-1)])], attributes: [:]),
        Case(type: "Expand", inputs: [zeros([1]), Tensor([huge, huge])], attributes: [:]),
        Case(type: "Expand", inputs: [zeros([1]), Tensor([Int64(1) << 40])], attributes: [:]),
        Case(type: "Tile", inputs: [zeros([2]), Tensor([huge])], attributes: [:]),
        Case(
            type: "Range",
            inputs: [Tensor(scalar: Int64(0)), Tensor(scalar: huge), Tensor(scalar: Int64(1))],
            attributes: [:]),
        Case(
            type: "Range",
            inputs: [Tensor(scalar: Int64(0)), Tensor(scalar: Int64(3)), Tensor(scalar: Int64(0))],
            attributes: [:]),
        Case(
            type: "Range",
            inputs: [Tensor(scalar: Float(0)), Tensor(scalar: Float.nan), Tensor(scalar: Float(1))],
            attributes: [:]),
        Case(type: "Resize", inputs: [image, nil, Tensor([Float(1), 1, .infinity, 1])], attributes: [:]),
        Case(type: "Resize", inputs: [image, nil, Tensor([Float(1), 1, .nan, 1])], attributes: [:]),
        Case(type: "Resize", inputs: [image, nil, nil, Tensor([Int64(1), 1, huge, huge])], attributes: [:]),
        Case(type: "Div", inputs: [Tensor([Int64(1)]), Tensor([Int64(0)])], attributes: [:]),
        Case(type: "Cast", inputs: [image], attributes: ["to": .int(huge)]),
        Case(type: "LRN", inputs: [image], attributes: ["size": .int(0)]),
        Case(type: "DepthToSpace", inputs: [image], attributes: ["blocksize": .int(huge)]),
        Case(type: "DepthToSpace", inputs: [image], attributes: ["blocksize": .int(0)]),
        Case(
            type: "GroupNormalization", inputs: [image, zeros([2]), zeros([2])],
            attributes: ["num_groups": .int(0)], opset: 18),
        Case(type: "Einsum", inputs: [image], attributes: ["equation": .string("abc->a")]),
        Case(type: "Einsum", inputs: [image], attributes: ["equation": .string("a..d")]),
        Case(type: "Einsum", inputs: [image], attributes: ["equation": .string("...,...->...")]),
        Case(type: "Einsum", inputs: [image], attributes: ["equation": .string("abcd->ae")]),
        Case(type: "Einsum", inputs: [image], attributes: ["equation": .string("abcd->aa")]),
        Case(type: "Einsum", inputs: [image, filters], attributes: ["equation": .string("abcd,abcd->a")]),
        Case(type: "Einsum", inputs: [image], attributes: ["equation": .string("->->")]),
        Case(
            type: "BitShift", inputs: [Tensor([UInt8(1)]), Tensor([UInt8(1)])],
            attributes: ["direction": .string("UP")]),
        Case(
            type: "BitShift", inputs: [image, image], attributes: ["direction": .string("LEFT")]),
        Case(type: "Mod", inputs: [Tensor([Int64(1)]), Tensor([Int64(0)])], attributes: [:]),
        Case(type: "SpaceToDepth", inputs: [image], attributes: ["blocksize": .int(3)]),
        Case(type: "SpaceToDepth", inputs: [image], attributes: ["blocksize": .int(huge)]),
        Case(type: "ConvInteger", inputs: [image, filters], attributes: [:]),
        Case(
            type: "MatMulInteger", inputs: [Tensor([UInt8(1), 2]), Tensor([UInt8(1), 2, 3])], attributes: [:]),
        Case(type: "DynamicQuantizeLinear", inputs: [Tensor([Double(1)])], attributes: [:]),
        Case(type: "Constant", inputs: [], attributes: [:]),
        Case(type: "Constant", inputs: [], attributes: ["value_int": .int(1), "value_float": .float(1)]),
        Case(type: "Relu", inputs: [nil], attributes: [:]),
    ]

    @Test(arguments: cases) func isRefused(_ test: Case) throws {
        let rule = try #require(OperatorRegistry.find(domain: "", test.type))
        let context = OperatorContext(
            label: "node \"n\"", attributes: test.attributes, opset: test.opset,
            inputTypes: test.inputs.map { $0?.type }, isPresent: test.inputs.map { $0 != nil },
            constants: test.inputs, extents: test.inputs.map(OperatorContext.extents(of:)),
            outputCount: test.type == "Split" || test.type == "TopK" ? 2 : 1)
        let error = #expect(throws: OperatorError.self) { try rule.evaluate(context, test.inputs) }
        #expect(error?.node == "node \"n\"")
        _ = try? rule.inferTypes(context)
        _ = try? rule.inferExtents(context)
        _ = rule.cost(context)
    }

    /// Extents beyond any memory: shapes are inferred or refused without arithmetic that overflows.
    @Test(arguments: OperatorRegistry.names) func hugeExtentsDoNotTrap(_ name: String) throws {
        let rule = try #require(OperatorRegistry.find(domain: "", name))
        let shapes: [[Int]] = [
            [1 << 62, 4, 4, 4], [.max, .max, .max, .max], [1, 1, .max, .max], [0, 0, 0, 0], [.max], [],
        ]
        for opset in [7, 11, 13, 18, 23] {
            for shape in shapes {
                for attributes in Self.attributes(of: rule.schema(opset: opset)) {
                    let types = [TensorType?](repeating: TensorType(.float32, shape), count: 5)
                    let context = OperatorContext(
                        label: "node", attributes: attributes, opset: opset, inputTypes: types,
                        isPresent: types.map { _ in true }, constants: types.map { _ in nil },
                        extents: types.map { _ in [.fixed(.max), .fixed(-1), .symbol("N"), .fixed(.min)] },
                        outputCount: 2, outputTypes: types)
                    _ = try? rule.inferTypes(context)
                    _ = try? rule.inferExtents(context)
                    _ = rule.cost(context)
                }
            }
        }
    }

    /// Seeded random attributes, types, shapes and contents: an answer or a typed error.
    @Test(arguments: OperatorRegistry.names) func randomInputsDoNotTrap(_ name: String) throws {
        let rule = try #require(OperatorRegistry.find(domain: "", name))
        var random = SplitMix(state: name.utf8.reduce(17) { $0 &* 31 &+ UInt64($1) })
        for _ in 0..<200 {
            let opset = [7, 9, 10, 11, 13, 14, 18, 21, 23].randomElement(using: &random) ?? 17
            let schema = rule.schema(opset: opset)
            // Half of the cases are close to well formed, so that evaluation gets past its first checks.
            let isPlausible = Bool.random(using: &random)
            let least = schema.inputs.lowerBound
            let most = min(schema.inputs.upperBound, least + 2)
            let inputs = (0..<Int.random(in: least...most, using: &random)).map { position in
                position >= least && Bool.random(using: &random) ? nil : Self.tensor(&random, isPlausible)
            }
            var attributes: Attributes = [:]
            for attribute in schema.attributes where attribute.isRequired || Bool.random(using: &random) {
                attributes[attribute.name] = Self.value(attribute, &random, isPlausible)
            }
            let context = OperatorContext(
                label: "node", attributes: attributes, opset: opset, inputTypes: inputs.map { $0?.type },
                isPresent: inputs.map { $0 != nil }, constants: inputs,
                extents: inputs.map(OperatorContext.extents(of:)),
                outputCount: min(schema.outputs.upperBound, 2))
            _ = try? rule.inferTypes(context)
            _ = try? rule.inferExtents(context)
            _ = rule.cost(context)
            do {
                let outputs = try rule.evaluate(context, inputs)
                let types = try rule.inferTypes(context)
                for (type, output) in zip(types, outputs) {
                    #expect(type?.merged(with: output.type) != nil, "\(attributes) \(inputs.map(\.?.type))")
                }
            } catch {
                #expect(error is any DiagnosableError)
            }
        }
    }

    private static func attributes(of schema: OperatorSchema) -> [Attributes] {
        [huge, .min, -1, 0, 1].map { number in
            var attributes: Attributes = [:]
            for rule in schema.attributes {
                switch rule.kind {
                case .int, .flag: attributes[rule.name] = .int(number)
                case .ints: attributes[rule.name] = .ints([number, number])
                case .float: attributes[rule.name] = .float(Float(number))
                case .floats: attributes[rule.name] = .floats([Float(number)])
                default: break
                }
            }
            return attributes
        }
    }

    private static func tensor(_ random: inout SplitMix, _ isPlausible: Bool) -> Tensor? {
        let shapes = [
            [2, 2, 3, 3], [2, 2, 3, 3], [2, 2, 3, 3], [2, 2, 1, 1], [2, 2], [2], [2], [4], [1], [],
        ]
        let shape =
            isPlausible
            ? shapes.randomElement(using: &random) ?? []
            : (0..<Int.random(in: 0...4, using: &random)).map { _ in Int.random(in: 0...4, using: &random) }
        let count = shape.reduce(1, *)
        let edges: [Int64] = isPlausible ? [-1, 0, 0, 1, 1, 2] : [.min, .max, -1, 0, 1, 2, 3, 4]
        let numbers = (0..<count).map { _ in edges.randomElement(using: &random) ?? 0 }
        switch Int.random(in: 0...9, using: &random) {
        case 0...4:
            let special: [Float] = [.nan, .infinity, -.infinity, 0, 1e30]
            return try? Tensor(
                shape: shape,
                (0..<count).map { _ in
                    Int.random(in: 0...9, using: &random) > 0
                        ? Float.random(in: -3...3, using: &random)
                        : special.randomElement(using: &random) ?? 0
                })
        case 5...7: return try? Tensor(shape: shape, numbers)
        case 8: return try? Tensor(shape: shape, numbers.map { $0 > 0 })
        default: return try? Tensor(shape: shape, strings: numbers.map { Array("\($0)".utf8) })
        }
    }

    private static func value(
        _ rule: OperatorSchema.AttributeRule, _ random: inout SplitMix, _ isPlausible: Bool
    ) -> Attribute? {
        let edges: [Int64] = isPlausible ? [0, 1, 1, 1, 2] : [.min, .max, -1, 0, 1, 1, 1, 2, 2, 3]
        func number() -> Int64 { edges.randomElement(using: &random) ?? 0 }
        switch rule.kind {
        case .int, .flag: return .int(number())
        case .ints:
            let count = isPlausible ? (rule.name == "pads" ? 4 : 2) : Int.random(in: 0...4, using: &random)
            return .ints((0..<count).map { _ in number() })
        case .float: return .float([0, 1, -1, .nan, 1e30].randomElement(using: &random) ?? 0)
        case .floats: return .floats([1, 2, .nan])
        case .string:
            let names = [
                "SAME_UPPER", "SAME_LOWER", "VALID", "NOTSET", "linear", "cubic", "edge", "reflect", "wrap",
                "add", "x",
            ]
            return .string(names.randomElement(using: &random) ?? "")
        case .tensor: return tensor(&random, isPlausible).map(Attribute.tensor)
        default: return nil
        }
    }
}

/// A small seeded generator (SplitMix64), so that a failure can be repeated.
private struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
