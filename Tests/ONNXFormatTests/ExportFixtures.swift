import Foundation
import Testing

@testable import ONNXFormat

private let exportFolder = ProcessInfo.processInfo.environment["MODCONVERT_EXPORT_FOLDER"]

/// Exports every fixture for `fixtures/generate/check_round_trip.py`, which asks onnx and onnxruntime.
@Suite("Exports for other tools to check", .enabled(if: exportFolder != nil))
struct ExportFixtures {
    @Test("Fixtures are exported", arguments: RealFiles.fixtures)
    func export(path: String) throws {
        let folder = try #require(exportFolder)
        let name = try #require(path.split(separator: "/").dropLast().last)
        try ONNXFile.write(ONNXFile.read(path: path), to: "\(folder)/\(name).onnx", overwrite: true)
    }
}
