import Comparison
import GraphIR
import Testing

@Suite struct UnitsInLastPlaceTests {
    private func distance(_ a: Float, _ b: Float) -> UInt64? {
        UnitsInLastPlace.largest(Tensor([a]), Tensor([b]))
    }

    @Test(
        arguments: [
            (1, Float(1).nextUp, 1), (1, Float(1).nextDown, 1), (0, -0.0, 0),
            (.leastNonzeroMagnitude, -.leastNonzeroMagnitude, 2), (1, 2, 1 << 23), (-1, -2, 1 << 23),
            (.greatestFiniteMagnitude, .infinity, 1), (.nan, .nan, 0), (.infinity, .infinity, 0),
        ] as [(Float, Float, UInt64)])
    func floats(a: Float, b: Float, expected: UInt64) {
        #expect(distance(a, b) == expected)
        #expect(distance(b, a) == expected)
    }

    @Test func otherTypes() throws {
        let (up, down) = (Double(1).nextUp, Double(-1).nextDown.nextDown)
        #expect(UnitsInLastPlace.largest(Tensor([1.0, -1.0]), Tensor([up, down])) == 2)
        #expect(UnitsInLastPlace.largest(Tensor([Float16(-1)]), Tensor([Float16(1)])) == 2 * 0x3C00)
        let infinities = UnitsInLastPlace.largest(Tensor([-Double.infinity]), Tensor([Double.infinity]))
        #expect(try #require(infinities) == 0xFFE0_0000_0000_0000)
        #expect(distance(.nan, 1) == .max)
        #expect(UnitsInLastPlace.largest(Tensor([Int64(1)]), Tensor([Int64(2)])) == nil)
        #expect(UnitsInLastPlace.largest(Tensor([Float(1)]), Tensor([Float(1), 2])) == nil)
    }
}
