import CKernels
import Testing

@Suite struct LayoutTests {
    static let shapes = [[1, 16, 4, 4], [2, 5, 3, 7], [1, 40, 1, 1], [2, 33, 9, 130]]

    @Test(arguments: shapes, [0, 2])
    func blockedAndBack(shape: [Int], halo: Int) {
        var random = Random()
        let values = random.values(shape.reduce(1, *))
        let c = Int32(shape[1]), h = Int32(shape[2]), w = Int32(shape[3])
        let blocked = Activation(shape, halo: halo, fill: .nan)
        let tasks = Int64(shape[0] * ((shape[1] + 15) / 16))
        let source = Buffer(values)
        ck_clear_halo(&blocked.view, c, h, w, 0, tasks)
        for task in (0..<tasks).reversed() {
            ck_from_nchw(source.base, &blocked.view, c, h, w, task, task + 1)
        }
        #expect(blocked.nchw == values)
        // Padding lanes and halo, and they alone, are zeros: everything was NaN.
        let expected = Activation(shape, values: values, halo: halo)
        #expect(blocked.buffer.values == expected.buffer.values)
        let back = Buffer(count: values.count)
        ck_to_nchw(&blocked.view, back.base, c, h, w, 0, tasks)
        #expect(back.values == values)
        #expect(blocked.buffer.guardsHold && back.guardsHold)
    }

    @Test(arguments: shapes, [0, 1])
    func gather(shape: [Int], halo: Int) {
        var random = Random()
        let values = random.values(shape.reduce(1, *))
        let source = Activation(shape, values: values, halo: halo)
        let plane = shape[2] * shape[3]
        for count in [1, shape[1] / 2 + 1, shape[1]] {
            // Every sample has its own order.
            let indices = (0..<shape[0]).flatMap { n in
                (0..<count).map { Int32(($0 * 7 + n * 3) % shape[1]) }
            }
            let out = Activation([shape[0], count, shape[2], shape[3]], fill: .nan)
            let tasks = Int64(shape[0] * ((count + 15) / 16))
            for task in (0..<tasks).reversed() {
                ck_gather_channels(
                    &source.view, &out.view, indices, Int64(count), Int32(count), Int32(shape[2]),
                    Int32(shape[3]), task, task + 1)
            }
            let expected = (0..<shape[0] * count).flatMap { index in
                let channel = index / count * shape[1] + Int(indices[index])
                return values[channel * plane..<(channel + 1) * plane]
            }
            #expect(out.nchw == expected)
            #expect(out.padding.allSatisfy { $0 == 0 })
            #expect(out.buffer.guardsHold)
        }
    }
}
