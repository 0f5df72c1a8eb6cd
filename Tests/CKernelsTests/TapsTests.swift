import CKernels
import Testing

@Suite struct TapsTests {
    /// Runs that lie behind one another in one buffer, as those of a filter do.
    private static func runs(_ data: Buffer, taps: Int) -> [UnsafePointer<Float>?] {
        (0..<taps).map { UnsafePointer(data.base + 3 * $0) }
    }

    @Test(arguments: InstructionSet.supported, [0, 1, 7, 16, 63, 130])
    func sum(set: InstructionSet, count: Int) {
        var random = Random()
        let taps = 9
        let data = Buffer(random.values(count + 3 * taps)), weights = random.values(taps)
        let out = Buffer(count: count, fill: .nan)
        ck_tap_sum(set.isa, Self.runs(data, taps: taps), weights, taps, out.base, count)
        for (index, value) in out.values.enumerated() {
            let expected = (0..<taps).reduce(0.0) {
                $0 + Double(weights[$1]) * Double(data.values[3 * $1 + index])
            }
            #expect(abs(Double(value) - expected) < 1e-5)
        }
        #expect(out.guardsHold)
    }

    @Test(arguments: InstructionSet.supported, [0, 1, 7, 16, 63, 130])
    func products(set: InstructionSet, count: Int) {
        var random = Random()
        let taps = 9
        let data = Buffer(random.values(count + 3 * taps)), factors = Buffer(random.values(count))
        let out = Buffer(count: taps, fill: 2)
        ck_tap_products(set.isa, Self.runs(data, taps: taps), factors.base, taps, out.base, count)
        for (tap, value) in out.values.enumerated() {
            let expected = (0..<count).reduce(2.0) {
                $0 + Double(data.values[3 * tap + $1]) * Double(factors.values[$1])
            }
            #expect(abs(Double(value) - expected) < 1e-4)
        }
        #expect(out.guardsHold)
    }

    @Test(arguments: InstructionSet.supported)
    func noTaps(set: InstructionSet) {
        let out = Buffer(count: 20, fill: .nan)
        ck_tap_sum(set.isa, nil, nil, 0, out.base, 20)
        #expect(out.values.allSatisfy { $0 == 0 })
    }
}
