import GraphIR
import Testing

@testable import TensorFiles

@Suite("Test data sets")
struct TestDataSetTests {
    private let node = "/usr/share/libonnx-testdata/data/node/test_add"

    @Test("A model's folder leads to its data sets")
    func find() throws {
        #expect(try TestDataSet.find(in: node) == [node + "/test_data_set_0"])
        #expect(try TestDataSet.find(in: node + "/test_data_set_0") == [node + "/test_data_set_0"])
    }

    @Test("Inputs go by name, or by position where the names are others")
    func match() throws {
        let set = try TestDataSet(path: node + "/test_data_set_0")
        #expect(set.inputs.map(\.name) == ["x", "y"])
        #expect(set.outputs.map(\.name) == ["sum"])
        #expect(try set.inputs(named: ["y", "x"])["x"] == set.inputs[0].tensor)
        #expect(try set.inputs(named: ["a", "b"])["b"] == set.inputs[1].tensor)
        #expect(throws: TensorFileError.self) { try set.inputs(named: ["a"]) }
    }

    @Test("A folder without data is refused")
    func empty() {
        #expect(throws: TensorFileError.self) { try TestDataSet.find(in: "/usr/share/libonnx-testdata") }
        #expect(throws: TensorFileError.self) { try TestDataSet(path: node) }
        #expect(throws: TensorFileError.self) { try TestDataSet.find(in: node + "/none") }
    }
}
