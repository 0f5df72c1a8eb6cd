import FuzzTargets

extension BadFile {
    /// Weights whose description and data do not fit together, or that nothing can be done with.
    static let tensors: [BadFile] =
        dims + data + [
            BadFile("tensors", "not a number", .answered, weight { _ in [0, 0, 0xC0, 0x7F] }),
            BadFile("tensors", "infinite", .answered, weight { _ in [0, 0, 0x80, 0x7F] }),
            BadFile("tensors", "subnormal", .answered, weight { _ in [1, 0, 0, 0] }),
        ]

    /// The network with all weights of a block made of one pattern of bytes.
    private static func weight(_ pattern: (Int) -> [UInt8]) -> [UInt8] {
        TinyNetwork.changing(initializer: "layer1.0.w1") {
            $0.replace(9, with: [.bytes(9, (0..<144).flatMap(pattern))])
        }
    }

    private static let dims: [BadFile] = {
        let shapes: [(String, [Int64])] = [
            ("negative", [-4, 4, 3, 3]), ("all negative", [-4, -4, 3, 3]), ("smallest", [.min, 4, 3, 3]),
            ("largest", [.max, 4, 3, 3]), ("product overflows", [1 << 32, 1 << 32, 3, 3]),
            ("product overflows to the right size", [1 << 62, 4 * 36, 1 << 62, 4]), ("zero", [0, 4, 3, 3]),
            ("zero hides an overflow", [1 << 62, 1 << 62, 1 << 62, 0]), ("none", []), ("one", [144]),
            ("transposed", [3, 3, 4, 4]), ("two filters too many", [6, 4, 3, 3]),
            ("10^12 elements", [1_000_000, 1_000_000, 1, 1]),
            ("65 dimensions", [4, 4, 3, 3] + [Int64](repeating: 1, count: 61)),
            ("100,000 dimensions", [Int64](repeating: 1, count: 100_000)),
        ]
        return shapes.flatMap { name, dims in
            ["layer1.0.w1", "fc.w"].map { weight in
                BadFile(
                    "dims", "\(name) (\(weight))",
                    TinyNetwork.changing(initializer: weight) {
                        $0.replace(1, with: dims.map { .number(1, $0) })
                    })
            }
        }
    }()

    private static let data: [BadFile] = {
        func change(_ name: String, _ change: (inout WireTree) -> Void) -> BadFile {
            BadFile("data", name, TinyNetwork.changing(initializer: "layer1.0.w1", change))
        }
        let lengths = [0, 1, 3, 4, 575, 577, 580, 1152]
        let elements: [Int64] = [0, -1, 2, 3, 6, 7, 8, 9, 10, 11, 12, 14, 16, 17, 22, 99, 1 << 40]
        let ofLength = lengths.map { length in
            change("\(length) bytes instead of 576") {
                $0.replace(9, with: [.bytes(9, [UInt8](repeating: 0, count: length))])
            }
        }
        let ofElement = elements.map { element in
            change("element type \(element)") { $0.replace(2, with: [.number(2, element)]) }
        }
        return ofLength + ofElement + [
            change("no element type") { $0.fields.removeAll { $0.number == 2 } },
            change("no data") { $0.fields.removeAll { $0.number == 9 } },
            change("data twice") { $0.fields.append(.bytes(9, [UInt8](repeating: 0, count: 576))) },
            change("data in two fields") { $0.fields.append(.bytes(4, [UInt8](repeating: 0, count: 576))) },
            change("data as a number") { $0.replace(9, with: [.number(9, 1)]) },
            change("data in the field of integers") {
                $0.replace(9, with: [.bytes(7, [UInt8](repeating: 0, count: 144))])
            },
            change("data in the field of strings") {
                $0.replace(9, with: [WireTree.Field](repeating: .bytes(6, [0x30]), count: 144))
            },
            change("odd floats") { $0.replace(9, with: [.bytes(4, [UInt8](repeating: 0, count: 575))]) },
            change("half of the floats one by one") {
                $0.replace(9, with: [WireTree.Field](repeating: .float(4, 1), count: 72))
            },
            change("segment") { $0.fields.append(.bytes(3, [8, 0, 16, 1])) },
            change("nowhere") { $0.fields.append(.number(14, 99)) },
            change("external, but nothing says where") { $0.fields.append(.number(14, 1)) },
            change("name missing") { $0.fields.removeAll { $0.number == 8 } },
            change("name empty") { $0.replace(8, with: [.text(8, "")]) },
        ]
    }()
}
