import Testing

@testable import GraphIR

/// A list of readers is an array to those who look at it, however long it is.
@Suite struct UseListTests {
    private func use(_ node: Int, _ position: Int? = 0) -> Use {
        Use(node: NodeID(index: node), position: position)
    }

    @Test(arguments: [1, 32, 33, 500])
    func placesAreAddedAndRemovedAsInAnArray(count: Int) {
        var list: UseList = []
        var array: [Use] = []
        for node in 0..<count {
            let place = use(node, node % 7 == 0 ? nil : node % 3)
            list.append(place)
            array.append(place)
        }
        for step in 0..<count {
            #expect(Array(list) == array)
            #expect(list.captureCount == array.count { $0.position == nil })
            let index = step * 31 % array.count
            list.remove(array[index])
            array.swapAt(index, array.count - 1)
            array.removeLast()
        }
        #expect(list.isEmpty && list.captureCount == 0)
    }

    @Test func aPlaceThatIsNotThereIsNotRemoved() {
        var list: UseList = [use(1)]
        list.remove(use(2))
        #expect(list == [use(1)])
    }

    @Test(
        "A value that a hundred thousand nodes read, and as many names of one base", .timeLimit(.minutes(1)))
    func scale() throws {
        let count = 100_000
        var list: UseList = []
        for node in 0..<count { list.append(use(node)) }
        for node in 0..<count { list.remove(use(node)) }
        #expect(list.isEmpty)
        var edit = GraphEdit(Graph(name: "g", opsets: OpsetImports(onnx: 17)))
        for _ in 0..<count { _ = try edit.addInput(edit.uniqueName("w"), type: nil) }
        #expect(edit.graph.value(named: "w_\(count - 1)") != nil)
    }

    @Test func namesOfOneBaseAreCountedOn() throws {
        var edit = GraphEdit(Graph(name: "g", opsets: OpsetImports(onnx: 17)))
        for expected in ["w", "w_1", "w_2"] {
            let name = edit.uniqueName("w")
            #expect(name == expected)
            _ = try edit.addInput(name, type: nil)
        }
        _ = try edit.addInput("v", type: nil)
        _ = try edit.addInput("v_1", type: nil)
        #expect(edit.uniqueName("v") == "v_2")
    }
}
