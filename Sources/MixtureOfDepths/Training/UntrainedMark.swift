import GraphIR

/// Tells a network that was only built from a trained one: `build` leaves a mark that names its weights.
///
/// The numbers do not show whether weights are trained. So every file counts as trained unless it carries the
/// mark and still has the weights that the mark names: training, or any other change of weights, voids it.
public enum UntrainedMark {
    /// The metadata key.
    public static let key = Manifest.prefix + "untrained"

    /// The model with the mark.
    public static func marking(_ model: Model) -> Model {
        var model = model
        model.metadata.removeAll { $0.key == key }
        model.metadata.append(MetadataEntry(key: key, value: checksum(model.graph)))
        return model
    }

    /// Whether the model carries the mark and still has the weights that it names.
    public static func isValid(in model: Model) -> Bool {
        model.metadata(key).map { $0 == checksum(model.graph) } ?? false
    }

    /// A checksum of the bytes of all floating-point initialisers, independent of their names and order; 16
    /// hexadecimal digits. O(bytes).
    private static func checksum(_ graph: Graph) -> String {
        let sum = graph.initializers.reduce(into: UInt64(0)) { sum, value in
            guard let tensor = value.initializer, tensor.elementType.isFloatingPoint else { return }
            sum &+= tensor.bytes.withUnsafeBytes(hash)
        }
        let digits = String(sum, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }

    /// FNV-1a over words of 8 bytes; the last word is padded with zeros.
    private static func hash(_ bytes: UnsafeRawBufferPointer) -> UInt64 {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        func mix(_ word: UInt64) { hash = (hash ^ word) &* 0x0000_0100_0000_01b3 }
        let whole = bytes.count / 8 * 8
        for offset in stride(from: 0, to: whole, by: 8) {
            mix(UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self)))
        }
        var rest: UInt64 = 0
        for (place, byte) in bytes[whole...].enumerated() { rest |= UInt64(byte) << (8 * UInt64(place)) }
        if whole < bytes.count { mix(rest) }
        mix(UInt64(bytes.count))
        return hash
    }
}
