import Foundation
import FuzzTargets

extension BadFile {
    /// Files that are not what their name says, are cut off, or have bits flipped.
    static let bytes = wrongFiles + specialFiles + truncated + flipped + mutated

    private static let wrongFiles: [BadFile] = wrongContents.map { BadFile("bytes", $0.0, $0.1) }

    private static let wrongContents: [(String, [UInt8])] = [
        ("empty", []), ("one byte", [8]), ("zeros", [UInt8](repeating: 0, count: 4096)),
        ("ones", [UInt8](repeating: 0xFF, count: 4096)), ("HTML", Array("<!DOCTYPE html><html></html>".utf8)),
        ("JSON", Array("{\"ir_version\": 8, \"graph\": {}}".utf8)),
        ("PNG", [0x89, 0x50, 0x4E, 0x47, 13, 10]),
        ("ZIP", [0x50, 0x4B, 3, 4] + [UInt8](repeating: 0, count: 60)),
        ("gzip", [0x1F, 0x8B, 8, 0, 0, 0, 0, 0]),
        ("pickle", [0x80, 2, 0x7D, 0x71, 0]), ("ELF", [0x7F, 0x45, 0x4C, 0x46, 2, 1, 1, 0]),
        ("HDF5", [0x89, 0x48, 0x44, 0x46, 13, 10, 26, 10]),
        ("text", Array("version https://git-lfs\noid\n".utf8)),
        ("NumPy", [0x93] + Array("NUMPY".utf8) + [1, 0]),
        ("endless number", [UInt8](repeating: 0x80, count: 64)),
        ("the file twice", TinyNetwork.bytes + TinyNetwork.bytes),
        ("bytes after the end", TinyNetwork.bytes + [0x3A]),
    ]

    private static let specialFiles: [BadFile] = [
        BadFile("bytes", "missing") { _ in },
        BadFile("bytes", "directory") {
            try FileManager.default.createDirectory(
                at: $0.appending(path: "model.onnx"), withIntermediateDirectories: false)
        },
        BadFile("bytes", "FIFO") { mkfifo($0.appending(path: "model.onnx").path, 0o600) },
        BadFile("bytes", "endless device") { try link($0, "model.onnx", to: "/dev/zero") },
        BadFile("bytes", "empty device") { try link($0, "model.onnx", to: "/dev/null") },
        BadFile("bytes", "link to itself") { try link($0, "model.onnx", to: "model.onnx") },
        BadFile("bytes", "dangling link") { try link($0, "model.onnx", to: "nothing") },
        BadFile("bytes", "link to a folder") { try link($0, "model.onnx", to: ".") },
        BadFile("bytes", "file of zeros of 100 GB") { folder in
            let file = folder.appending(path: "model.onnx")
            _ = FileManager.default.createFile(atPath: file.path, contents: nil)
            try FileHandle(forWritingTo: file).truncate(atOffset: 100_000_000_000)
        },
    ]

    static func link(_ folder: URL, _ name: String, to target: String) throws {
        try FileManager.default.createSymbolicLink(
            atPath: folder.appending(path: name).path, withDestinationPath: target)
    }

    /// The network cut off: at each of its first bytes, then in steps.
    private static let truncated: [BadFile] = {
        let bytes = TinyNetwork.bytes
        let ends = Array(1..<16) + Array(stride(from: 16, to: bytes.count, by: bytes.count / 40))
        return ends.map { BadFile("truncation", "at byte \($0)", Array(bytes[..<$0])) }
    }()

    private static let flipped: [BadFile] = (0..<60).map { index in
        var random = SeededGenerator(seed: UInt64(index))
        var bytes = TinyNetwork.bytes
        for _ in 0...(index % 3) {
            bytes[Int.random(in: 0..<bytes.count, using: &random)] ^=
                1 << UInt8.random(in: 0..<8, using: &random)
        }
        return BadFile("bit flips", "\(index)", .handled, bytes)
    }

    /// Messages that are well formed but changed at random.
    private static let mutated: [BadFile] = (0..<60).map { index in
        var random = SeededGenerator(seed: UInt64(1000 + index))
        let bytes = TinyNetwork.bytes.withUnsafeBytes { MessageMutator.mutate($0, using: &random) }
        return BadFile("random fields", "\(index)", .handled, bytes ?? [])
    }
}
