import Foundation
import GraphIR
import ONNXFormat
import TensorFiles

/// A model of the repository's fixtures, with the outputs that onnxruntime gives.
struct Fixture: Sendable, CustomStringConvertible {
    let name: String
    var description: String { name }

    var folder: String { "\(Fixture.folder)/\(name)" }

    func model() throws -> Model { try ONNXFile.read(path: "\(folder)/model.onnx") }

    /// The first recorded data set.
    func data() throws -> TestDataSet { try TestDataSet(path: "\(folder)/test_data_set_0") }

    static let all = ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? [])
        .filter { FileManager.default.fileExists(atPath: "\(folder)/\($0)/model.onnx") }
        .sorted().map(Fixture.init)

    private static let folder =
        String(#filePath.split(separator: "/Tests/").first ?? ".") + "/fixtures/models"
}
