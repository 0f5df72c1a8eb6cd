import Foundation
import GraphIR
import ONNXFormat
import TensorFiles

/// The models of `fixtures/models`, that exporters of ten years wrote, and of `fixtures/trained`.
public enum Fixtures {
    /// The names of all exporters' models that have a ledger, sorted.
    public static let names: [String] = {
        let folder = Repository.path("fixtures/models")
        let all = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        return all.filter { FileManager.default.fileExists(atPath: "\(folder)/\($0)/ledger.json") }.sorted()
    }()

    /// The file of a model, by its name.
    public static func path(_ name: String) -> String {
        name.hasPrefix("fashion")
            ? Repository.path("fixtures/trained/\(name).onnx")
            : Repository.path("fixtures/models/\(name)/model.onnx")
    }

    /// A model by its name.
    public static func model(_ name: String) throws -> Model { try ONNXFile.read(path: path(name)) }

    /// The ledger that the exporting script derived from the architecture's definition.
    public static func ledger(_ name: String) throws -> FixtureLedger {
        let url = URL(filePath: Repository.path("fixtures/models/\(name)/ledger.json"))
        return try JSONDecoder().decode(FixtureLedger.self, from: try Data(contentsOf: url))
    }

    /// Inputs for a model some of whose extents are open; nil for one that seeded inputs do for.
    public static func inputs(_ name: String, _ source: Model) throws -> [String: Tensor]? {
        let values = source.graph.requiredInputs.map { source.graph[$0] }
        guard let first = values.first,
            values.contains(where: { $0.shape?.dims.dropFirst().contains { $0.value == nil } ?? true })
        else { return nil }
        let file = Repository.path("fixtures/models/\(name)/test_data_set_0/input_0.pb")
        return [first.name: try TensorProtoFile.read(path: file).tensor]
    }
}

/// `fixtures/models/<name>/ledger.json`.
public struct FixtureLedger: Decodable, Sendable {
    /// One residual block.
    public struct Block: Decodable, Sendable {
        public let add: String
        public let stage: Int
        public let index: Int
        public let kind: String
        public let activation: String
        public let verdict: String
        public let reason: String
    }

    /// Why the model cannot be converted; nil if it can.
    public let refused: String?
    public let blocks: [Block]
}
