import CKernels
import Testing

/// The instruction sets that this processor can run.
enum InstructionSet: String, CaseIterable, CustomTestStringConvertible {
    case portable, avx2, avx512

    static let supported = allCases.filter { ck_isa_supported($0.isa) }

    var isa: ck_isa {
        switch self {
        case .portable: CK_ISA_PORTABLE
        case .avx2: CK_ISA_AVX2
        case .avx512: CK_ISA_AVX512
        }
    }

    var testDescription: String { rawValue }
}

/// Floats on the heap between guards, which tell whether a kernel wrote beyond its buffer.
final class Buffer {
    static let guardCount = 32
    static let guardValue: Float = -12345.678

    let count: Int
    private let storage: UnsafeMutablePointer<Float>

    var base: UnsafeMutablePointer<Float> { storage + Self.guardCount }
    var values: [Float] { Array(UnsafeBufferPointer(start: base, count: count)) }

    var guardsHold: Bool {
        let all = UnsafeBufferPointer(start: storage, count: count + 2 * Self.guardCount)
        return all.prefix(Self.guardCount).allSatisfy { $0 == Self.guardValue }
            && all.suffix(Self.guardCount).allSatisfy { $0 == Self.guardValue }
    }

    init(count: Int, fill: Float = 0) {
        self.count = count
        let total = count + 2 * Self.guardCount
        let memory = UnsafeMutableRawPointer.allocate(byteCount: total * 4, alignment: 64)
        storage = memory.bindMemory(to: Float.self, capacity: total)
        storage.initialize(repeating: Self.guardValue, count: total)
        base.update(repeating: fill, count: count)
    }

    convenience init(_ values: [Float]) {
        self.init(count: values.count)
        for (index, value) in values.enumerated() { base[index] = value }
    }

    deinit { UnsafeMutableRawPointer(storage).deallocate() }
}

/// An activation in NCHW16c with a halo, filled from and read back as NCHW by index arithmetic alone.
final class Activation {
    let shape: [Int]
    let buffer: Buffer
    var view: ck_view

    init(_ shape: [Int], halo: Int = 0, fill: Float = 0) {
        self.shape = shape
        let row = (shape[3] + 2 * halo) * 16
        let block = (shape[2] + 2 * halo) * row
        let sample = (shape[1] + 15) / 16 * block
        buffer = Buffer(count: shape[0] * sample, fill: fill)
        view = ck_view(
            data: buffer.base + halo * (row + 16), row: row, block: block, sample: sample, halo: Int32(halo))
    }

    convenience init(_ shape: [Int], values: [Float], halo: Int = 0) {
        self.init(shape, halo: halo)
        var index = 0
        forEach {
            self.view.data[$0] = values[index]; index += 1
        }
    }

    /// The offset of every element in NCHW order.
    func forEach(_ body: (Int) -> Void) {
        for n in 0..<shape[0] {
            for c in 0..<shape[1] {
                for y in 0..<shape[2] {
                    for x in 0..<shape[3] {
                        body(n * view.sample + c / 16 * view.block + y * view.row + x * 16 + c % 16)
                    }
                }
            }
        }
    }

    var nchw: [Float] {
        var result: [Float] = []
        forEach { result.append(self.view.data[$0]) }
        return result
    }

    /// The lanes beyond the last channel.
    var padding: [Float] {
        let first = shape[1] % 16
        guard first != 0 else { return [] }
        var result: [Float] = []
        for n in 0..<shape[0] {
            for y in 0..<shape[2] {
                for x in 0..<shape[3] {
                    let pixel = n * view.sample + shape[1] / 16 * view.block + y * view.row + x * 16
                    for lane in first..<16 { result.append(view.data[pixel + lane]) }
                }
            }
        }
        return result
    }
}

/// SplitMix64, so that a failure can be repeated.
struct Random {
    var state: UInt64

    init(_ seed: Int = 1) { state = UInt64(seed) }

    mutating func next() -> Float {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return Float((z ^ (z >> 31)) >> 40) / Float(1 << 23) - 1
    }

    mutating func values(_ count: Int) -> [Float] { (0..<count).map { _ in next() } }
}

/// The largest difference over the largest magnitude of what is expected.
func relativeError(_ actual: [Float], _ expected: [Double], scale: Double? = nil) -> Double {
    let largest = scale ?? expected.lazy.map(abs).max() ?? 0
    var worst = 0.0
    for (a, e) in zip(actual, expected) {
        let difference = abs(Double(a) - e)
        if !(difference <= worst) { worst = difference }
    }
    return actual.count == expected.count ? worst / max(largest, 1e-30) : .infinity
}
