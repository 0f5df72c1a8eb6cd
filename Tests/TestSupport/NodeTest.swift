import Foundation
import GraphIR
import ONNXFormat
import TensorFiles

/// One of ONNX's own node tests: a model of a few nodes with inputs and the outputs that they must give.
public struct NodeTest: Sendable, Hashable, CustomStringConvertible {
    public let name: String
    public let suite: Suite

    public init(name: String, suite: Suite) {
        self.name = name
        self.suite = suite
    }

    public var description: String { name }

    /// A published set of node tests, and the list of those that this package must pass.
    public enum Suite: String, Sendable {
        /// ONNX 1.12, from Debian's package libonnx-testdata.
        case debian = "node-tests"
        /// A current ONNX, written by `generate-node-tests.py` to the folder that the environment variable
        /// `ONNX_NODE_TESTS` names.
        case current = "node-tests-current"
        /// Models that an early PyTorch exported, mostly at opset 6, of the same package of Debian's.
        case torch = "torch-tests"

        /// The folder with a folder for each test; nil if the suite is not available.
        public var folder: String? {
            switch self {
            case .debian: "/usr/share/libonnx-testdata/data/node"
            case .current: ProcessInfo.processInfo.environment["ONNX_NODE_TESTS"]
            case .torch: "/usr/share/libonnx-testdata/data"
            }
        }

        /// The list that `Tests/OperatorsTests` holds: a name a line, `# reason` after those that are not
        /// run; lines that start with `#` are comments.
        public func list() throws -> [Entry] {
            let path = Repository.path("Tests/OperatorsTests/\(rawValue).txt")
            return try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n").compactMap {
                line in
                guard !line.hasPrefix("#") else { return nil }
                let parts = line.split(separator: "#", maxSplits: 1).map {
                    $0.trimmingCharacters(in: .whitespaces)
                }
                return Entry(name: parts[0], reasonToIgnore: parts.count > 1 ? parts[1] : nil)
            }
        }

        /// The tests of the list that must pass.
        public func required() -> [NodeTest] {
            ((try? list()) ?? []).filter { $0.reasonToIgnore == nil }
                .map { NodeTest(name: $0.name, suite: self) }
        }
    }

    /// A line of the list of tests.
    public struct Entry: Sendable, Equatable {
        public let name: String
        /// Why the test is not run; nil if it is.
        public let reasonToIgnore: String?
    }

    /// Inputs by name, and the outputs that they must give.
    public struct DataSet: Sendable {
        public let inputs: [String: Tensor]
        public let outputs: [(name: String, tensor: Tensor)]
    }

    /// Reads the model and its data sets.
    ///
    /// - Throws: `MissingTestData` if the suite is not installed; what reading throws.
    public func load() throws -> (model: Model, dataSets: [DataSet]) {
        guard let root = suite.folder, FileManager.default.fileExists(atPath: root) else {
            throw MissingTestData(suite: suite)
        }
        let folder = root + "/" + name
        let model = try ONNXFile.read(path: folder + "/model.onnx")
        let graph = model.graph
        let inputs = graph.inputs.map { graph[$0].name }
        let outputs = graph.outputs.map { graph[$0].name }
        let dataSets = try TestDataSet.find(in: folder).map { path in
            let data = try TestDataSet(path: path)
            return DataSet(
                inputs: try data.inputs(named: inputs), outputs: try data.outputs(named: outputs))
        }
        return (model, dataSets)
    }

    public struct MissingTestData: Error, CustomStringConvertible {
        let suite: Suite

        public var description: String {
            switch suite {
            case .debian, .torch: "ONNX's node tests are missing: install the Debian package libonnx-testdata"
            case .current: "ONNX_NODE_TESTS names no folder: write one with generate-node-tests.py"
            }
        }
    }
}
