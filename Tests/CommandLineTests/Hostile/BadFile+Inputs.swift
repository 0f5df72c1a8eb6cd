import Foundation
import FuzzTargets

extension BadFile {
    /// Tensor files and images that are given to a good model.
    static let tensorFiles: [BadFile] = numpy + archives + protobufs + images

    private static func input(
        _ name: String, _ suffix: String, _ bytes: [UInt8], _ expectation: Expectation = .refused
    ) -> BadFile {
        BadFile("tensor files", "\(suffix): \(name)", command: .input("input.\(suffix)"), expectation) {
            folder in
            try Data(TinyNetwork.bytes).write(to: folder.appending(path: "good.onnx"))
            try Data(bytes).write(to: folder.appending(path: "input.\(suffix)"))
        }
    }

    /// A `.npy` file of 432 bytes of data, as the network takes it, unless told otherwise.
    static func numpyFile(
        _ dictionary: String = "{'descr': '<f4', 'fortran_order': False, 'shape': (1, 3, 6, 6), }",
        data: Int = 432,
        version: [UInt8] = [1, 0], headerLength: Int? = nil
    ) -> [UInt8] {
        let header = Array(dictionary.utf8) + [10]
        let length = headerLength ?? header.count
        var file: [UInt8] = [0x93]
        file += "NUMPY".utf8
        file += version
        file += [UInt8(length & 0xFF), UInt8(length >> 8 & 0xFF)]
        file += header
        file += [UInt8](repeating: 0, count: data)
        return file
    }

    private static let numpy: [BadFile] = {
        let good = numpyFile()
        func header(_ text: String) -> [UInt8] { numpyFile(text) }
        let headers: [(String, String)] = [
            ("no shape", "{'descr': '<f4', 'fortran_order': False}"),
            ("no type", "{'fortran_order': False, 'shape': (108,)}"),
            ("negative shape", "{'descr': '<f4', 'fortran_order': False, 'shape': (-1, 3, 6, 6)}"),
            (
                "overflowing shape",
                "{'descr': '<f4', 'fortran_order': False, 'shape': (9223372036854775807, 9223372036854775807)}"
            ),
            (
                "shape beyond 64 bits",
                "{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999999999999,)}"
            ),
            ("10^12 elements", "{'descr': '<f4', 'fortran_order': False, 'shape': (1000000000000,)}"),
            ("objects", "{'descr': '|O', 'fortran_order': False, 'shape': (108,)}"),
            ("text", "{'descr': '<U4', 'fortran_order': False, 'shape': (27,)}"),
            ("structure", "{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (108,)}"),
            ("unknown type", "{'descr': '<x9', 'fortran_order': False, 'shape': (108,)}"),
            ("wide floats", "{'descr': '<f16', 'fortran_order': False, 'shape': (27,)}"),
            ("code", "__import__('os').system('touch owned')"),
            ("unclosed", "{'descr': '<f4', 'fortran_order': False, 'shape': (1,"),
            ("deep", String(repeating: "(", count: 5000)), ("empty", ""),
            ("other shape", "{'descr': '<f4', 'fortran_order': False, 'shape': (108,)}"),
            ("other type", "{'descr': '<i4', 'fortran_order': False, 'shape': (1, 3, 6, 6)}"),
            (
                "many dimensions",
                "{'descr': '<f4', 'fortran_order': False, 'shape': (\(String(repeating: "1, ", count: 2000)))}"
            ),
        ]
        let broken = headers.map { input($0.0, "npy", header($0.1)) }
        let lengths: [Int] = [1, 6, 8, 10, 20, 60, 90, 200]
        let cut = lengths.map { input("cut off at \($0)", "npy", Array(good.prefix($0))) }
        return broken + cut + [
            input("good", "npy", good, .answered), input("empty file", "npy", []),
            input("wrong magic", "npy", [0x94] + good.dropFirst()),
            input("version 9", "npy", numpyFile(version: [9, 0])),
            input("header beyond the end", "npy", numpyFile(headerLength: 65535)),
            input("too short", "npy", numpyFile(data: 431)), input("too long", "npy", numpyFile(data: 433)),
            input("no data", "npy", numpyFile(data: 0)),
        ]
    }()

    private static let archives: [BadFile] = {
        /// A ZIP archive of stored members, whose central directory may claim other sizes.
        func archive(_ members: [(name: String, data: [UInt8])], claim: UInt32? = nil, method: UInt16 = 0)
            -> [UInt8]
        {
            func bytes<Number: FixedWidthInteger>(_ number: Number) -> [UInt8] {
                withUnsafeBytes(of: number.littleEndian, Array.init)
            }
            var file: [UInt8] = []
            var directory: [UInt8] = []
            for (name, data) in members {
                let size = claim ?? UInt32(data.count)
                var common = bytes(method) + bytes(UInt32(0))
                common += bytes(crc32(data))
                common += bytes(UInt32(data.count))
                common += bytes(size)
                common += bytes(UInt16(name.utf8.count))
                directory += [0x50, 0x4B, 1, 2, 20, 0, 20, 0, 0, 0]
                directory += common
                directory += [UInt8](repeating: 0, count: 12)
                directory += bytes(UInt32(file.count))
                directory += name.utf8
                file += [0x50, 0x4B, 3, 4, 20, 0, 0, 0]
                file += common
                file += [0, 0]
                file += name.utf8
                file += data
            }
            var end: [UInt8] = [0x50, 0x4B, 5, 6, 0, 0, 0, 0]
            for _ in 0..<2 { end += bytes(UInt16(members.count)) }
            end += bytes(UInt32(directory.count))
            end += bytes(UInt32(file.count))
            end += [0, 0]
            return file + directory + end
        }
        let good = archive([("x.npy", numpyFile())])
        let lengths: [Int] = [4, 30, 100, 400, 520, 560]
        let cut = lengths.map { input("cut off at \($0)", "npz", Array(good.prefix($0))) }
        return cut + [
            input("good", "npz", good, .answered), input("empty file", "npz", []),
            input("no members", "npz", archive([])),
            input("no arrays", "npz", archive([("readme.txt", [0x61])])),
            input("two of one name", "npz", archive([("x.npy", numpyFile()), ("x.npy", numpyFile())])),
            input("claims 4 GB", "npz", archive([("x.npy", numpyFile())], claim: .max)),
            input("claims a byte", "npz", archive([("x.npy", numpyFile())], claim: 1)),
            input("unknown compression", "npz", archive([("x.npy", numpyFile())], method: 99)),
            input("not deflated", "npz", archive([("x.npy", numpyFile())], method: 8)),
            input("broken member", "npz", archive([("x.npy", Array(numpyFile().prefix(50)))])),
            input("traversing name", "npz", archive([("../../x.npy", numpyFile())]), .answered),
            input(
                "flipped", "npz", good.enumerated().map { $0.offset == 100 ? $0.element ^ 0xFF : $0.element }),
        ]
    }()

    private static func crc32(_ data: [UInt8]) -> UInt32 {
        ~data.reduce(~UInt32(0)) { crc, byte in
            (0..<8).reduce(crc ^ UInt32(byte)) { crc, _ in crc >> 1 ^ (crc & 1 == 1 ? 0xEDB8_8320 : 0) }
        }
    }

    private static let protobufs: [BadFile] = {
        let data = [UInt8](repeating: 0, count: 432)
        func tensor(_ dims: [Int64], element: Int64 = 1, raw: [UInt8]?, extra: [WireTree.Field] = [])
            -> [UInt8]
        {
            ModelMessage.tensor("x", dims, element: element, raw: raw, extra: extra).serialized
        }
        let good = tensor([1, 3, 6, 6], raw: data)
        let lengths: [Int] = [1, 5, 9, 13, 100]
        let cut = lengths.map { input("cut off at \($0)", "pb", Array(good.prefix($0))) }
        return cut + [
            input("good", "pb", good, .answered), input("empty file", "pb", []),
            input("a model", "pb", TinyNetwork.bytes),
            input("negative extent", "pb", tensor([-1, 3, 6, 6], raw: data)),
            input("overflow", "pb", tensor([.max, .max], raw: data)),
            input("10^12 elements", "pb", tensor([1_000_000_000_000], raw: nil)),
            input("too short", "pb", tensor([1, 3, 6, 6], raw: Array(data.dropLast()))),
            input("integers", "pb", tensor([1, 3, 6, 6], element: 6, raw: data)),
            input("strings", "pb", tensor([1], element: 8, raw: nil, extra: [.bytes(6, [0x61])])),
            input(
                "external data", "pb",
                tensor(
                    [1, 3, 6, 6], raw: nil,
                    extra: [
                        .message(13, WireTree(.entry, [.text(1, "location"), .text(2, "/etc/passwd")])),
                        .number(14, 1),
                    ])),
        ]
    }()

    private static let images: [BadFile] = [
        input("not an image", "png", Array("hello".utf8)),
        input("signature only", "png", [0x89, 0x50, 0x4E, 0x47, 13, 10, 26, 10]),
        input(
            "4 billion pixels square", "png",
            [
                0x89, 0x50, 0x4E, 0x47, 13, 10, 26, 10, 0, 0, 0, 13, 0x49, 0x48, 0x44, 0x52, 0x7F, 0xFF, 0xFF,
                0xFF, 0x7F, 0xFF, 0xFF, 0xFF, 8, 2, 0, 0, 0, 0, 0, 0, 0,
            ]),
        input("start only", "jpg", [0xFF, 0xD8, 0xFF]),
        input("noise", "jpg", [0xFF, 0xD8, 0xFF, 0xE0] + [UInt8](repeating: 0x25, count: 500)),
        input("unknown suffix", "dat", [1, 2, 3]),
    ]

    /// Converted files whose manifest was tampered with, and files that are not what became of the source.
    static let manifests: [BadFile] = {
        @Sendable func entries(_ changes: [String: String?]) -> [WireTree.Field] {
            let good: [(String, String)] = [
                ("version", "0.1.0"), ("ratio", "0.5"), ("router", "topk"), ("weights", "slice"), ("r", "16"),
                ("seed", "0"),
                ("placement", "alternate"), ("blocks", "[]"),
            ]
            return good.compactMap { key, value in
                let value = changes[key] ?? value
                return value.map {
                    .message(14, WireTree(.entry, [.text(1, "ai.modconvert.\(key)"), .text(2, $0)]))
                }
            }
        }
        let blocks = [
            "[", "{}", "[1]", "[{}]", "null", "\"\"", String(repeating: "[", count: 100_000),
            "[{\"scope\":\"a\",\"channels\":-1,\"processed\":9223372036854775807,\"hidden\":[],\"groups\":[],\"input\":\"x\",\"output\":\"y\",\"gathered\":\"q\",\"body\":\"q\",\"scores\":\"q\",\"indices\":\"q\",\"fused\":\"q\"}]",
            "[{\"scope\":\"a\",\"channels\":1e400}]",
        ]
        var changes: [(String, [String: String?])] = []
        for (index, list) in blocks.enumerated() { changes.append(("blocks \(index)", ["blocks": list])) }
        changes += [
            ("ratio 0", ["ratio": "0"]), ("negative ratio", ["ratio": "-1"]), ("ratio 1/0", ["ratio": "1/0"]),
            ("r 0", ["r": "0"]), ("huge r", ["r": "9223372036854775807"]), ("seed", ["seed": "-1"]),
            ("no seed", ["seed": nil]),
            ("router", ["router": "coin"]), ("version", ["version": "99\u{1B}[2J"]),
        ]
        return changes.map { name, changes in
            BadFile(
                "manifests", name, command: .verify,
                name.hasPrefix("blocks") ? .refusedOrFailed : .handledOrFailed
            ) { folder in
                try Data(TinyNetwork.bytes).write(to: folder.appending(path: "source.onnx"))
                try Data(ModelMessage.model(TinyNetwork.graph, extra: entries(changes)).serialized)
                    .write(to: folder.appending(path: "model.onnx"))
            }
        }
    }()
}
