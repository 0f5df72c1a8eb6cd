import Foundation
import GraphIR
import MixtureOfDepths
import ONNXFormat
import Testing

/// docs/library.md shows the code of LibraryExample.swift, which is compiled and run here.
@Suite struct LibraryPageTests {
    private static let root = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "../..").standardized

    @Test("The page shows the code that is compiled, of at most 20 lines")
    func page() throws {
        let source = try String(
            contentsOf: URL(filePath: #filePath).deletingLastPathComponent()
                .appending(path: "LibraryExample.swift"), encoding: .utf8)
        let parts = source.components(separatedBy: "// example\n")
        let code = try #require(parts.last?.components(separatedBy: "// end of example").first)
        let page = try String(contentsOf: Self.root.appending(path: "docs/library.md"), encoding: .utf8)
        #expect(page.contains("```swift\n\(code)```"))
        #expect(code.split(separator: "\n").count <= 20)
    }

    @Test func theCodeRuns() throws {
        let model = Self.root.appending(path: "fixtures/models/torchvision-resnet18-bn/model.onnx").path
        let output = FileManager.default.temporaryDirectory.appending(path: "\(UUID().uuidString).onnx").path
        defer { try? FileManager.default.removeItem(atPath: output) }
        let source = try ONNXFile.read(path: model).graph
        let input = try #require(source.inputs.map { source[$0] }.first { $0.initializer == nil })
        let shape = try #require(input.shape).dims.map { $0.value ?? 1 }
        let image = try Tensor(
            shape: shape, [Float](repeating: 0.5, count: try #require(Shape.elementCount(of: shape))))
        let ratio = try #require(ModRatio(numerator: 1, denominator: 2))
        let outputs = try convert(model, to: output, ratio: ratio, image: image)
        #expect(outputs.map(\.shape) == [[1, 10]])
        #expect(outputs[0].floats?.allSatisfy(\.isFinite) == true)
        #expect(Manifest(try ONNXFile.read(path: output)) != nil)
    }
}
