import Foundation
import GraphIR
import Testing

@testable import ONNXFormat

@Suite("What is written")
struct WritingTests {
    private static let source = RealFiles.repository + "/fixtures/models/torchvision-resnet18/model.onnx"

    @Test("A file holds what serialising gives, alone in its folder")
    func file() throws {
        let folder = try TemporaryFolder()
        let model = try ONNXFile.read(path: WritingTests.source)
        try ONNXFile.write(model, to: folder.path + "/a.onnx")
        #expect(try folder.contents() == ["a.onnx"])
        let bytes = try MappedFile(path: folder.path + "/a.onnx").bytes
        #expect(bytes == ByteRegion(try ONNXFile.serialize(model)))
    }

    @Test("A file that exists is replaced only when asked, and a model can replace its own source")
    func overwrite() throws {
        let folder = try TemporaryFolder()
        let path = folder.path + "/a.onnx"
        try FileManager.default.copyItem(atPath: WritingTests.source, toPath: path)
        let before = try MappedFile(path: path).bytes
        let model = try ONNXFile.read(path: path)
        let error = #expect(throws: FileError.self) { try ONNXFile.write(model, to: path) }
        #expect(error?.kind == .alreadyExists)
        #expect(error?.description.contains("--force") == true)
        #expect(try MappedFile(path: path).bytes == before)
        try ONNXFile.write(model, to: path, overwrite: true)
        #expect(try ONNXFile.read(path: path).graph == model.graph)
        #expect(try folder.contents() == ["a.onnx"])
    }

    @Test("A file appears complete or not at all")
    func atomic() throws {
        let folder = try TemporaryFolder()
        let path = folder.path + "/a.onnx"
        do {
            let file = try AtomicFile(path: path, overwrite: false)
            try [1, 2, 3].withUnsafeBytes { try file.write($0) }
            #expect(!FileManager.default.fileExists(atPath: path))
            #expect(try folder.contents().count == 1)
        }
        #expect(try folder.contents().isEmpty)
        let late = try AtomicFile(path: path, overwrite: false)
        try Data([7]).write(to: URL(filePath: path))
        #expect(throws: FileError.self) { try late.commit() }
        #expect(try Data(contentsOf: URL(filePath: path)) == Data([7]))
        #expect(try folder.contents() == ["a.onnx"])
    }

    @Test("Places that cannot be written to are refused")
    func places() throws {
        let folder = try TemporaryFolder()
        let model = try ONNXFile.read(path: WritingTests.source)
        for path in [folder.path + "/none/a.onnx", folder.path, "/dev/null", "/proc/a.onnx"] {
            let error = #expect(throws: FileError.self) {
                try ONNXFile.write(model, to: path, overwrite: true)
            }
            #expect(error?.kind == .cannotCreate, "\(path)")
        }
        #expect(throws: FileError.self) { try ONNXFile.write(model, to: "/dev/full") }
    }

    @Test("A link is written through, and keeps its target's permissions")
    func link() throws {
        let folder = try TemporaryFolder()
        let (target, link) = (folder.path + "/target.onnx", folder.path + "/link.onnx")
        try Data().write(to: URL(filePath: target))
        try FileManager.default.setAttributes([.posixPermissions: 0o640], ofItemAtPath: target)
        try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: target)
        try ONNXFile.write(ONNXFile.read(path: WritingTests.source), to: link, overwrite: true)
        #expect(try FileManager.default.destinationOfSymbolicLink(atPath: link) == target)
        let attributes = try FileManager.default.attributesOfItem(atPath: target)
        #expect(attributes[.posixPermissions] as? Int == 0o640)
        #expect(try folder.contents() == ["link.onnx", "target.onnx"])
    }

    @Test("External data lie beside the model, aligned, and come back the same")
    func externalData() throws {
        let folder = try TemporaryFolder()
        let model = try ONNXFile.read(path: WritingTests.source)
        try ONNXFile.write(model, to: folder.path + "/a.onnx", externalData: .always)
        #expect(try folder.contents() == ["a.onnx", "a.onnx.data"])
        let again = try ONNXFile.read(path: folder.path + "/a.onnx")
        #expect(again.graph == model.graph)
        let data = try MappedFile(path: folder.path + "/a.onnx.data")
        let largest = again.graph.initializers.compactMap(\.initializer).max {
            $0.bytes.count < $1.bytes.count
        }
        #expect(largest?.bytes.isAligned(to: TensorWriter.page) == true)
        let file = try MappedFile(path: folder.path + "/a.onnx")
        #expect(file.count < 40_000 && data.count > 100_000)
    }

    @Test("External data are not written where either file exists")
    func externalDataExists() throws {
        let folder = try TemporaryFolder()
        let model = try ONNXFile.read(path: WritingTests.source)
        try Data([7]).write(to: URL(filePath: folder.path + "/a.onnx.data"))
        #expect(throws: FileError.self) {
            try ONNXFile.write(model, to: folder.path + "/a.onnx", externalData: .always)
        }
        #expect(try folder.contents() == ["a.onnx.data"])
        #expect(try Data(contentsOf: URL(filePath: folder.path + "/a.onnx.data")) == Data([7]))
    }

    @Test("Every inner value is described")
    func valueInfo() throws {
        let model = try ONNXFile.read(path: WritingTests.source)
        let again = try ONNXFile.parse(ByteRegion(ONNXFile.serialize(model)), folder: nil)
        let inner = again.graph.nodes.flatMap(\.outputs).compactMap { $0 }
        #expect(inner.allSatisfy { again.graph[$0].shape?.dims.contains(.unknown) == false })
    }
}
