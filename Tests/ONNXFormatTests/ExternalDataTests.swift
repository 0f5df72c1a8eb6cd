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
            [("location", "model.data"), ("location", "model.data")],
            [("location", "model.data"), ("location", "other.data")],
            [("location", "model.data"), ("offset", "0"), ("offset", "4")],
            [("location", "model.data"), ("length", "8"), ("length", "8")],
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

    /// A model hub's cache: `snapshots/1` holds links to the files of `blobs`.
    private func cache() throws -> (folder: TemporaryFolder, model: String, data: String) {
        let cache = try folder([("location", "model.onnx_data"), ("offset", "4"), ("length", "8")])
        let (blobs, snapshot) = (cache.path + "/blobs", cache.path + "/snapshots/1")
        for path in [blobs, snapshot] {
            try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        }
        for (name, blob, link) in [
            ("model.onnx", "3a1f", "model.onnx"), ("model.data", "9c07", "model.onnx_data"),
        ] {
            try FileManager.default.moveItem(atPath: cache.path + "/" + name, toPath: blobs + "/" + blob)
            try FileManager.default.createSymbolicLink(
                atPath: snapshot + "/" + link, withDestinationPath: "../../blobs/" + blob)
        }
        return (cache, snapshot + "/model.onnx", snapshot + "/model.onnx_data")
    }

    @Test("Links of a model and its data into one folder are followed")
    func hubCache() throws {
        let (cache, model, data) = try cache()
        let tensor = try #require(ONNXFile.read(path: model).graph.value(named: "w")?.constant)
        #expect(tensor.bytes == ByteRegion(Array(ExternalDataTests.weights[4..<12])))
        // The target of the link also has its data beside it.
        try FileManager.default.removeItem(atPath: data)
        try FileManager.default.createSymbolicLink(
            atPath: cache.path + "/blobs/model.onnx_data", withDestinationPath: "9c07")
        #expect(throws: Never.self) { try ONNXFile.read(path: model) }
    }

    @Test(
        "A link from the cache to anywhere else is refused, one to nothing too",
        arguments: [
            ("/etc/passwd", "a link out of the model's folder"), ("../../secret", "a link out of"),
            ("../../blobs", "a link out of the model's folder"),
            ("../../other/9c07", "a link out of the model's folder"),
            ("../../blobs/none", "a link to a file that does not exist"),
        ])
    func leavingCache(target: String, problem: String) throws {
        let (cache, model, data) = try cache()
        try FileManager.default.createDirectory(
            atPath: cache.path + "/other", withIntermediateDirectories: true)
        for path in ["/secret", "/other/9c07"] {
            try Data(ExternalDataTests.weights).write(to: URL(filePath: cache.path + path))
        }
        try FileManager.default.removeItem(atPath: data)
        try FileManager.default.createSymbolicLink(atPath: data, withDestinationPath: target)
        let error = #expect(throws: ONNXFormatError.self) { try ONNXFile.read(path: model) }
        #expect(error?.description.contains(problem) == true, "\(error?.description ?? "")")
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
