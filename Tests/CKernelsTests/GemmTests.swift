import CKernels
import Testing

@Suite struct GemmTests {
    @Test(
        arguments: InstructionSet.supported,
        [[1, 20, 30], [2, 2048, 10], [3, 5, 1], [8, 100, 33], [5, 64, 4]])
    func smallProduct(set: InstructionSet, sizes: [Int]) {
        let (batch, inputs, outputs) = (sizes[0], sizes[1], sizes[2])
        var random = Random()
        let x = random.values(batch * inputs), w = random.values(outputs * inputs), b = random.values(outputs)
        let file = UnsafeMutableRawPointer.allocate(byteCount: (w.count + b.count) * 4 + 1, alignment: 64)
        defer { file.deallocate() }
        let bytes = UnsafeMutableRawBufferPointer(start: file + 1, count: (w.count + b.count) * 4)
        (w + b).withUnsafeBytes { bytes.copyMemory(from: $0) }
        let source = Buffer(x)
        for low in [-Float.infinity, 0] {
            let out = Buffer(count: batch * outputs, fill: .nan)
            var gemm = ck_gemm(
                batch: Int32(batch), inputs: Int32(inputs), outputs: Int32(outputs), x: source.base,
                x_row: Int64(inputs), weights: file + 1, bias: file + 1 + w.count * 4, y: out.base,
                y_row: Int64(outputs), low: low, high: .infinity)
            for task in (0..<ck_gemm_tasks(&gemm)).reversed() { ck_gemm_run(set.isa, &gemm, task, task + 1) }
            let expected = (0..<batch * outputs).map { index in
                let n = index / outputs, o = index % outputs
                let sum = (0..<inputs).reduce(Double(b[o])) {
                    $0 + Double(x[n * inputs + $1]) * Double(w[o * inputs + $1])
                }
                return max(Double(low), sum)
            }
            #expect(
                relativeError(out.values, expected, scale: expected.lazy.map(abs).max().map { max($0, 1) })
                    <= 3e-6)
            #expect(out.guardsHold)
        }
    }
}
