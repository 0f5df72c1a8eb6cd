import CKernels
import Testing

@Suite struct ElementwiseTests {
    static let counts = [1, 3, 16, 31, 100]

    @Test(arguments: InstructionSet.supported, counts)
    func binary(set: InstructionSet, count: Int) {
        var random = Random()
        let a = random.values(count), b = random.values(count)
        let operators: [(ck_binary_operator, (Float, Float) -> Float)] = [
            (CK_ADD, { $0 + $1 }), (CK_SUBTRACT, { $0 - $1 }), (CK_MULTIPLY, { $0 * $1 }),
        ]
        for (code, function) in operators {
            let left = Buffer(a), right = Buffer(b), out = Buffer(count: count)
            ck_binary(set.isa, code, left.base, right.base, out.base, count, -.infinity, .infinity)
            #expect(out.values == zip(a, b).map(function))
            ck_binary(set.isa, code, left.base, right.base, left.base, count, -0.25, 0.5)
            #expect(left.values == zip(a, b).map { min(0.5, max(-0.25, function($0, $1))) })
            #expect(out.guardsHold && left.guardsHold)
        }
    }

    @Test(arguments: InstructionSet.supported, counts)
    func clampKeepsNaN(set: InstructionSet, count: Int) {
        var random = Random()
        var values = random.values(count)
        values[count / 2] = .nan
        let data = Buffer(values)
        ck_clamp(set.isa, data.base, data.base, count, 0, 0.5)
        for (result, value) in zip(data.values, values) {
            #expect(value.isNaN ? result.isNaN : result == min(0.5, max(0, value)))
        }
        #expect(data.guardsHold)
    }

    @Test(arguments: InstructionSet.supported)
    func scaleBlock(set: InstructionSet) {
        var random = Random()
        let values = random.values(7 * 16), factors = random.values(16)
        let data = Buffer(values), scale = Buffer(factors), out = Buffer(count: values.count)
        ck_scale_block(set.isa, data.base, scale.base, out.base, 7)
        #expect(out.values == values.enumerated().map { $1 * factors[$0 % 16] })
        ck_shift_block(set.isa, data.base, scale.base, out.base, 7)
        #expect(out.values == values.enumerated().map { $1 + factors[$0 % 16] })
    }

    /// The fusion of a Mixture-of-Depths block: k channels added to the first k of a wider activation.
    @Test(arguments: InstructionSet.supported, [4, 16, 20])
    func firstChannelsInPlace(set: InstructionSet, k: Int) {
        var random = Random()
        let wide = [2, 40, 3, 5], narrow = [2, k, 3, 5]
        let x = random.values(2 * 40 * 15), y = random.values(2 * k * 15)
        let sum = Activation(wide, values: x), body = Activation(narrow, values: y)
        let count = (k + 15) / 16 * sum.view.block
        for n in 0..<2 {
            let to = sum.view.data + n * sum.view.sample
            ck_binary(
                set.isa, CK_ADD, to, body.view.data + n * body.view.sample, to, count, -.infinity, .infinity)
        }
        let expected = x.enumerated().map { index, value in
            let n = index / 600, c = index / 15 % 40
            return c < k ? value + y[(n * k + c) * 15 + index % 15] : value
        }
        #expect(sum.nchw == expected)
    }
}
