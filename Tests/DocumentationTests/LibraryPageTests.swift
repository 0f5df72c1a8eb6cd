import Foundation
import GraphIR
import MixtureOfDepths
import ONNXFormat
import TensorFiles
import TestSupport
import Testing

/// docs/library.md shows the code of LibraryExample.swift, which is compiled and run here.
@Suite struct LibraryPageTests {
    @Test("The page shows the code that is compiled, of at most 20 lines")
    func page() throws {
        let source = try String(
            contentsOfFile: Repository.path("Tests/DocumentationTests/LibraryExample.swift"), encoding: .utf8)
        let parts = source.components(separatedBy: "// example\n")
        let code = try #require(parts.last?.components(separatedBy: "// end of example").first)
        let page = try String(contentsOfFile: Repository.path("docs/library.md"), encoding: .utf8)
        #expect(page.contains("```swift\n\(code)```"))
        #expect(code.split(separator: "\n").count <= 20)
    }

    @Test("The code converts a trained network with images, and what it writes is verified")
    func theCodeRuns() throws {
        let output = FileManager.default.temporaryDirectory.appending(path: "\(UUID().uuidString).onnx").path
        defer { try? FileManager.default.removeItem(atPath: output) }
        let images = "\(output).npy"
        defer { try? FileManager.default.removeItem(atPath: images) }
        let pixels = (0..<6272).map { (place: Int) -> Float in Float(place * 31 % 97) / 48 - 1 }
        try TensorFile.write(
            [NamedTensor(name: "images", tensor: try Tensor(shape: [8, 1, 28, 28], pixels))], to: images)
        let verification = try convert(Fixtures.path("fashion-basic"), images: images, to: output)
        #expect(verification.passed)
        #expect(verification.check(.blocks)?.outcome == .passed)
        let manifest = try #require(Manifest(try ONNXFile.read(path: output)))
        #expect(manifest.blocks.allSatisfy { $0.form.payload is any CalibratedPayload })
    }
}
