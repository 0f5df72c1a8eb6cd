import FuzzTargets
import Testing

/// Small quantised graphs that seeded bytes choose.
@Suite struct QuantizedGraphTests {
    @Test(arguments: 0..<60) func computesTheSameEverywhere(_ seed: Int) throws {
        var state = UInt64(seed) &* 0x9E37_79B9_7F4A_7C15
        let bytes = (0..<4000).map { _ -> UInt8 in
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return UInt8(truncatingIfNeeded: state >> 33)
        }
        try bytes.withUnsafeBytes { try FuzzTarget.quantized.run($0) }
    }
}
