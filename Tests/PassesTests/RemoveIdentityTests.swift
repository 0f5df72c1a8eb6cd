import GraphIR
import TestSupport
import Testing

@testable import Passes

@Suite struct RemoveIdentityTests {
    let pass = RemoveIdentity()

    @Test func sharesAnInitializer() throws {
        var builder = GraphBuilder()
        let x = try builder.input("x", [1, 4])
        let b = try builder.weight("b", [4])
        var value = x
        for index in 0..<47 {
            let copy = try builder.add("Identity", [b], "b_\(index)")
            value = try builder.add("Add", [value, copy], "v_\(index)")
        }
        let after = try builder.graph(value).after(pass)
        #expect(after.order.count == 47)
        #expect(after[b].uses.count == 47)
    }

    @Test func anOutputKeepsItsName() throws {
        var builder = GraphBuilder()
        let x = try builder.input("x", [1, 4])
        let a = try builder.add("Relu", [x], "a")
        let y = try builder.add("Identity", [a], "y")
        let z = try builder.add("Exp", [a], "z")
        let after = try builder.graph(y, z).after(pass)
        #expect(after.lines == ["Relu(x) -> y", "Exp(y) -> z"])
        #expect(after.outputs.map { after[$0].name } == ["y", "z"])
    }

    @Test func whatASubgraphReadsKeepsItsName() throws {
        var builder = GraphBuilder()
        let x = try builder.input("x", [1, 4])
        let a = try builder.add("Relu", [x], "a")
        let y = try builder.add("Identity", [a], "y")
        let z = try builder.capture(y, in: "z")
        #expect(try builder.graph(z).after(pass).lines == ["Relu(x) -> y", "If(flag) -> z"])
    }

    @Test(
        "Stays where a name cannot move",
        arguments: ["input", "initializer", "output", "capture", "captured"])
    func stays(kind: String) throws {
        var builder = GraphBuilder()
        let x = try builder.input("x", [1, 4])
        let a = try builder.add("Relu", [x], "a")
        let from =
            switch kind {
            case "input": x
            case "initializer": try builder.weight("w", [4])
            default: a
            }
        let y = try builder.add("Identity", [from], "y")
        var outputs = [y]
        switch kind {
        case "output": outputs.append(a)
        case "capture": outputs.append(try builder.capture(a, in: "z"))
        case "captured": outputs = [try builder.capture(y, in: "z"), try builder.add("Exp", [a], "e")]
        default: break
        }
        let graph = try builder.graph(outputs)
        #expect(try pass.run(graph) == nil)
    }

    /// A node of one input [N, 4] and its verdict.
    struct Case: Sendable, CustomStringConvertible {
        var type: String
        var opset = 17
        var dims: [Dim] = [.symbol("N"), 4]
        var attributes: Attributes = [:]
        var parameters: [Tensor?] = []
        /// The output's shape as the file declares it; inference adds what it knows.
        var declared: [Dim]? = nil
        var elementType = ElementType.float32
        var outputElementType = ElementType.float32
        var isRemoved: Bool
        var description: String { "\(type)-\(opset) \(attributes) \(parameters.count) \(isRemoved)" }
    }

    static let n4: [Dim] = [.symbol("N"), 4]
    static let n411: [Dim] = [.symbol("N"), 4, 1, 1]

    static let cases: [Case] = [
        Case(type: "Dropout", opset: 7, isRemoved: true),
        Case(type: "Dropout", opset: 6, isRemoved: false),
        Case(type: "Dropout", opset: 12, parameters: [Tensor(scalar: Float(0.5))], isRemoved: true),
        Case(type: "Dropout", opset: 13, parameters: [nil, Tensor(scalar: false)], isRemoved: true),
        Case(type: "Dropout", opset: 13, parameters: [nil, Tensor(scalar: true)], isRemoved: false),
        Case(type: "Cast", attributes: ["to": .int(1)], declared: n4, isRemoved: true),
        Case(
            type: "Cast", attributes: ["to": .int(7)], declared: n4, outputElementType: .int64,
            isRemoved: false),
        Case(type: "Reshape", parameters: [Tensor([Int64(-1), 4])], declared: n4, isRemoved: true),
        Case(
            type: "Reshape", dims: n411, parameters: [Tensor([Int64(-1), 4, 1, 1])],
            declared: [.unknown, 4, 1, 1], isRemoved: true),
        Case(
            type: "Reshape", parameters: [Tensor([Int64(4), -1])], declared: [4, .unknown], isRemoved: false),
        Case(
            type: "Reshape", dims: [.symbol("N"), .symbol("M")], parameters: [Tensor([Int64(-1), 2])],
            declared: [.unknown, 2], isRemoved: false),
        Case(type: "Flatten", declared: n4, isRemoved: true),
        Case(type: "Flatten", dims: n411, declared: n4, isRemoved: false),
        Case(type: "Expand", parameters: [Tensor([Int64(1), 4])], declared: n4, isRemoved: true),
        Case(
            type: "Expand", dims: [1, 4], parameters: [Tensor([Int64(3), 1])], declared: [3, 4],
            isRemoved: false),
        Case(type: "Transpose", attributes: ["perm": .ints([0, 1])], declared: n4, isRemoved: true),
        Case(
            type: "Transpose", dims: [4, 4], attributes: ["perm": .ints([1, 0])], declared: [4, 4],
            isRemoved: false),
        Case(type: "Transpose", dims: [4, 4], declared: [4, 4], isRemoved: false),
        Case(
            type: "Pad", opset: 2, attributes: ["pads": .ints([0, 0, 0, 0])], declared: n4, isRemoved: true),
        Case(
            type: "Pad", opset: 2, attributes: ["pads": .ints([0, 1, 0, -1])], declared: n4, isRemoved: false),
        Case(
            type: "Pad", opset: 13, parameters: [Tensor([Int64(0), 0, 0, 0])], declared: n4, isRemoved: true),
        Case(
            type: "Pad", opset: 13, parameters: [Tensor([Int64(0), 1, 0, -1])], declared: n4, isRemoved: false
        ),
        Case(
            type: "Pad", opset: 18, parameters: [Tensor([Int64(0), 0]), nil, Tensor([Int64(-1)])],
            declared: n4,
            isRemoved: true),
        Case(
            type: "Slice", parameters: [Tensor([Int64(0)]), Tensor([Int64(9)]), Tensor([Int64(1)])],
            declared: n4, isRemoved: true),
        Case(
            type: "Slice",
            parameters: [
                Tensor([Int64(-1)]), Tensor([Int64.min]), Tensor([Int64(1)]), Tensor([Int64(-1)]),
            ], declared: n4, isRemoved: false),
        Case(
            type: "Slice", parameters: [Tensor([Int64(1)]), Tensor([Int64(9)]), Tensor([Int64(1)])],
            declared: [.symbol("N"), 3], isRemoved: false),
        // Extents without a name.
        Case(type: "Reshape", dims: ["?", "?", 4], parameters: [Tensor([Int64(0), 0, 4])], isRemoved: true),
        Case(
            type: "Reshape", dims: ["?", "?", 4], parameters: [Tensor([Int64(0), -1, 4])], isRemoved: true),
        Case(
            type: "Reshape", dims: ["?", "?", 4], parameters: [Tensor([Int64(0), 4, -1])], isRemoved: false),
        Case(
            type: "Reshape", dims: ["?", "?"], attributes: ["allowzero": .int(1)],
            parameters: [Tensor([Int64(0), 0])], isRemoved: false),
        Case(type: "Flatten", dims: ["?", "?"], isRemoved: true),
        Case(type: "Flatten", dims: ["?", "?"], attributes: ["axis": .int(0)], isRemoved: false),
        Case(type: "Expand", dims: ["?", 4], parameters: [Tensor([Int64(1), 4])], isRemoved: true),
        Case(type: "Expand", dims: ["?", 4], parameters: [Tensor([Int64(1)])], isRemoved: true),
        Case(type: "Expand", dims: ["?", 4], parameters: [Tensor([Int64(2), 1])], isRemoved: false),
        Case(type: "Expand", dims: ["?", 4], parameters: [Tensor([Int64(1), 1, 1])], isRemoved: false),
        Case(
            type: "Slice", dims: ["?", "?"],
            parameters: [Tensor([Int64(0)]), Tensor([Int64.max]), Tensor([Int64(1)])], isRemoved: true),
        Case(
            type: "Slice", dims: ["?", "?"],
            parameters: [Tensor([Int64(1)]), Tensor([Int64.max]), Tensor([Int64(1)])], isRemoved: false),
        Case(type: "Concat", attributes: ["axis": .int(1)], declared: n4, isRemoved: true),
        Case(type: "Sum", declared: n4, isRemoved: true),
        Case(type: "Relu", declared: n4, isRemoved: false),
    ]

    @Test(arguments: cases) func knowsWhatChangesNothing(_ entry: Case) throws {
        var builder = GraphBuilder(opset: entry.opset)
        let x = try builder.input("x", entry.dims, entry.elementType)
        let a = try builder.add("Abs", [x], "a")
        builder.edit.setType(a, .tensor(TensorType(entry.elementType, Shape(entry.dims))))
        var inputs: [ValueID?] = [a]
        for (index, tensor) in entry.parameters.enumerated() {
            inputs.append(try tensor.map { try builder.constant("p\(index)", $0) })
        }
        let b = try builder.add(entry.type, inputs, "b", entry.attributes)
        if let dims = entry.declared {
            builder.edit.setType(b, .tensor(TensorType(entry.outputElementType, Shape(dims))))
        }
        let y = try builder.add("Abs", [b], "y")
        let graph = try builder.edit.commitWithOutput(y)
        let after = try pass.run(graph) ?? graph
        #expect(after.order.count == (entry.isRemoved ? 2 : 3))
    }

    @Test func aMaskThatIsReadKeepsItsDropout() throws {
        var builder = GraphBuilder()
        let x = try builder.input("x", [1, 4])
        let node = try builder.edit.addNode("Dropout", inputs: [x], outputs: ["a", "mask"])
        let a = try #require(builder.edit.graph[node].output(0))
        let mask = try #require(builder.edit.graph[node].output(1))
        let y = try builder.add("Relu", [a], "y")
        #expect(try pass.run(try builder.graph(y, mask)) == nil)
        #expect(try builder.graph(y).after(pass).lines == ["Relu(x) -> y"])
    }
}
