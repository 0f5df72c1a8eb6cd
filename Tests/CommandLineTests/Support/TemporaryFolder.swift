import Foundation
import TestSupport

/// A folder that exists as long as the object does.
final class TemporaryFolder {
    let url: URL

    /// - Parameter fixtures: models of `fixtures/models` to copy into the folder, as `<name>.onnx`.
    init(fixtures: String...) throws {
        url = FileManager.default.temporaryDirectory.appending(path: "modconvert-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
        for name in fixtures {
            try FileManager.default.copyItem(
                at: Fixtures.models.appending(path: "\(name)/model.onnx"),
                to: url.appending(path: "\(name).onnx"))
        }
    }

    deinit { try? FileManager.default.removeItem(at: url) }

    func path(_ name: String) -> String { url.appending(path: name).path }

    func contents(_ name: String) throws -> Data { try Data(contentsOf: url.appending(path: name)) }

    func write(_ data: Data, _ name: String) throws { try data.write(to: url.appending(path: name)) }

    func makeFolder(_ name: String) throws {
        try FileManager.default.createDirectory(
            at: url.appending(path: name), withIntermediateDirectories: true)
    }

    func exists(_ name: String) -> Bool { FileManager.default.fileExists(atPath: path(name)) }

    /// The names in the folder, sorted.
    var names: [String] {
        ((try? FileManager.default.contentsOfDirectory(atPath: url.path)) ?? [])
            .filter { !$0.hasPrefix(".std") }.sorted()
    }
}

extension Fixtures {
    static let models = Repository.root.appending(path: "fixtures/models")

    static let images = Repository.root.appending(path: "fixtures/images")

    /// Networks that PyTorch trained, and what it wrote of them.
    static let training = Repository.root.appending(path: "fixtures/training")

    /// Networks trained on Fashion-MNIST.
    static let trained = Repository.root.appending(path: "fixtures/trained")

    /// The test data that belong to a model.
    static func testData(_ name: String) -> String { models.appending(path: name).path }
}
