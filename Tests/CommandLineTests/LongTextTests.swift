import Foundation
import FuzzTargets
import Testing

/// However long a name, a path or an attribute is, an error is a line of at most 300 characters that names
/// the file and says what to do.
@Suite struct LongTextTests {
    private static let long: String = String(repeating: "long", count: 2500)

    private func expectLine(
        _ arguments: [String], _ status: Int32, in folder: TemporaryFolder, _ parts: String...,
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        let line = try CommandLineTool.fail(arguments, status, in: folder, sourceLocation: sourceLocation)
        #expect(line.unicodeScalars.dropLast().count <= 300, sourceLocation: sourceLocation)
        #expect(line.contains("..."), sourceLocation: sourceLocation)
        for part in parts { #expect(line.contains(part), "\(line)", sourceLocation: sourceLocation) }
    }

    /// A model with a node that the change made wrong.
    private static func changing(_ change: @escaping (inout WireTree) -> Void) -> [UInt8] {
        TinyNetwork.changing(node: "features", change)
    }

    private static let models: [[UInt8]] = [
        changing { $0.fields.append(.text(1, long)) },
        changing { $0.fields.append(.message(5, ModelMessage.attribute(long, int: 1))) },
        TinyNetwork.changing(node: "stem") {
            $0.fields.append(.message(5, ModelMessage.attribute("auto_pad", string: long)))
        },
        changing { $0.replace(4, with: [.text(4, long)]) },
        changing { $0.fields += [.text(3, long), .text(1, "nothing")] },
    ]

    @Test("Names and attributes of a model", arguments: models)
    func namesAndAttributes(bytes: [UInt8]) throws {
        let folder = try TemporaryFolder()
        try folder.write(Data(bytes), "model.onnx")
        try expectLine(
            ["run", "model.onnx", "--fill", "random"], 65, in: folder, "error: model.onnx: ", "; ")
    }

    @Test("Paths and options")
    func arguments() throws {
        let folder = try TemporaryFolder()
        let long = Self.long
        try folder.write(Data(TinyNetwork.bytes), "model.onnx")
        try expectLine(["inspect", "\(long).onnx"], 66, in: folder, "longlong.onnx: ")
        try expectLine(["inspect", "model.onnx", "--\(long)"], 64, in: folder, "`modconvert inspect --help`")
        try expectLine(
            ["optimize", "model.onnx", "--only", long, "-o", "o.onnx"], 64, in: folder,
            "`modconvert optimize --help`")
        try expectLine(
            ["macs", "model.onnx", "--input-shape", "\(long)=1x3x6x6"], 64, in: folder, "; name one of: x")
        try expectLine(
            ["run", "model.onnx", "--input", "\(long).npy"], 66, in: folder, "longlong.npy: ")
    }
}
