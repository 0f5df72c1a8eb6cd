import GraphIR

/// Converters differ in what they take a missing attribute for, or do not read a node without it. So all are written
/// out, at the values that ONNX gives those that are missing.
extension Attributes {
    /// Those of a convolution of one tap.
    static let pointwise: Attributes = [
        "dilations": .ints([1, 1]), "group": .int(1), "kernel_shape": .ints([1, 1]),
        "pads": .ints([0, 0, 0, 0]), "strides": .ints([1, 1]),
    ]

    /// Adds those that a convolution with such a kernel, [height, width], lacks.
    mutating func spellOutConvolution(kernel: some Collection<Int>) {
        let rank = kernel.count
        let isPadded = self["auto_pad"].map { $0 != .string("NOTSET") } ?? false
        let usual: [(String, Attribute)] = [
            ("dilations", .ints([Int64](repeating: 1, count: rank))), ("group", .int(1)),
            ("kernel_shape", .ints(kernel.map(Int64.init))),
            ("pads", .ints([Int64](repeating: 0, count: 2 * rank))),
            ("strides", .ints([Int64](repeating: 1, count: rank))),
        ]
        guard rank > 0 else { return }
        for (name, value) in usual where self[name] == nil && !(name == "pads" && isPadded) {
            self[name] = value
        }
    }
}
