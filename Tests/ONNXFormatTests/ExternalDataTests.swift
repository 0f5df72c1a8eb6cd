import Foundation
import GraphIR
import Testing

@testable import ONNXFormat

@Suite("External data")
struct ExternalDataTests {
    private static let weights: [UInt8] = Array(0..<16)

    /// A folder with a model whose one weight is external, and `model.data` beside it.
    private func folder(_ entries: [(String, String)], data: [UInt8] = weights) throws -> TemporaryFolder {
        let folder = try TemporaryFolder()
        try Data(data).write(to: URL(filePath: folder.path + "/model.data"))
        let tensor = RawModel.tensor([2]) { tensor in
            for (key, value) in entries {
                tensor.add(TensorField.externalData, message: MetadataEntry(key: key, value: value).message)
            }
            tensor.add(TensorField.dataLocation, int: 1)
        }
        try Data(RawModel.initializer(tensor)).write(to: URL(filePath: folder.path + "/model.onnx"))
        return folder
    }

    @Test("Bytes are taken from where the entries say")
    func read() throws {
        for entries in [
            [("location", "model.data"), ("offset", "4"), ("length", "8")],
            [("location", "model.data"), ("offset", "4")],
            [("location", "./model.data"), ("offset", "4"), ("length", "8"), ("checksum", "0")],
        ] {
            let folder = try folder(entries)
            let model = try ONNXFile.read(path: folder.path + "/model.onnx")
            let tensor = try #require(model.graph.value(named: "w")?.constant)
            #expect(tensor.bytes == ByteRegion(Array(ExternalDataTests.weights[4..<12])))
        }
    }

    @Test(
        "Entries that make no sense, or reach beyond the file, are refused",
        arguments: [
            [], [("location", "")], [("location", "none.data")], [("location", ".")],
            [("location", "model.data"), ("offset", "12")],
            [("location", "model.data"), ("offset", "17")],
            [("location", "model.data"), ("offset", "-4")],
            [("location", "model.data"), ("offset", "0x4")],
            [("location", "model.data"), ("offset", "9223372036854775807")],
            [("location", "model.data"), ("offset", "99999999999999999999")],
            [("location", "model.data"), ("length", "7")],
            [("location", "model.data"), ("length", "-8")],
            [("location", "/etc/hostname")], [("location", "../model.data")],
            [("location", "a/../../model.data")], [("location", "..")],
        ] as [[(String, String)]])
    func refused(entries: [(String, String)]) throws {
        let folder = try folder(entries)
        let error = #expect(throws: ONNXFormatError.self) {
            try ONNXFile.read(path: folder.path + "/model.onnx")
        }
        #expect(error?.kind == .externalData)
        #expect(error?.description.hasPrefix(folder.path + "/model.onnx: initializer \"w\": ") == true)
    }

    @Test("Links out of the folder are refused, links within it are followed")
    func links() throws {
        let outside = try TemporaryFolder()
        try Data(ExternalDataTests.weights).write(to: URL(filePath: outside.path + "/secret"))
        let folder = try folder([("location", "link")])
        let (model, link) = (folder.path + "/model.onnx", folder.path + "/link")

        try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: "model.data")
        #expect(throws: Never.self) { try ONNXFile.read(path: model) }

        try FileManager.default.removeItem(atPath: link)
        try FileManager.default.createSymbolicLink(
            atPath: link, withDestinationPath: outside.path + "/secret")
        let symbolic = #expect(throws: ONNXFormatError.self) { try ONNXFile.read(path: model) }
        #expect(symbolic?.description.contains("a link out of the model's folder") == true)

        try FileManager.default.removeItem(atPath: link)
        try FileManager.default.linkItem(atPath: outside.path + "/secret", toPath: link)
        let hard = #expect(throws: ONNXFormatError.self) { try ONNXFile.read(path: model) }
        #expect(hard?.description.contains("a hard link") == true)
    }

    @Test("A folder that a link leads out of does not hide it")
    func linkedFolder() throws {
        let outside = try TemporaryFolder()
        try Data(ExternalDataTests.weights).write(to: URL(filePath: outside.path + "/secret"))
        let folder = try folder([("location", "sub/secret")])
        try FileManager.default.createSymbolicLink(
            atPath: folder.path + "/sub", withDestinationPath: outside.path)
        #expect(throws: ONNXFormatError.self) { try ONNXFile.read(path: folder.path + "/model.onnx") }
    }

    @Test("A FIFO does not make the reader wait")
    func fifo() throws {
        let folder = try folder([("location", "fifo")])
        #expect(mkfifo(folder.path + "/fifo", 0o600) == 0)
        #expect(throws: ONNXFormatError.self) { try ONNXFile.read(path: folder.path + "/model.onnx") }
    }
}
