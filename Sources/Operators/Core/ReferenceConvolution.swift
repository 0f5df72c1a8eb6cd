import GraphIR

/// Convolution by its definition: one double-precision sum per output element.
///
/// Loops run tap by tap over rows of the output, so that the innermost loop is a multiply-add over a row.
struct ReferenceConvolution {
    /// [N, C, D1...Dn]
    let input: [Int]
    /// [M, C/group, k1...kn]
    let weights: [Int]
    /// [N, M, O1...On]
    let output: [Int]
    let window: Window
    let groups: Int

    func evaluate(_ context: OperatorContext, _ x: Tensor, _ w: Tensor, _ bias: Tensor?) throws -> Tensor {
        switch x.elementType {
        case .float32: try evaluate(x, w, bias, Float.self)
        case .float64: try evaluate(x, w, bias, Double.self)
        case .float16: try evaluate(x, w, bias, Float16.self)
        default: throw context.error(.elementType, "does not take \(x.elementType.onnxName) elements")
        }
    }

    private func evaluate<Element: TensorElement & BinaryFloatingPoint>(
        _ x: Tensor, _ w: Tensor, _ bias: Tensor?, _: Element.Type
    ) throws -> Tensor {
        let bias = try bias?.elements(of: Element.self)
        return try x.withElements(of: Element.self) { x in
            try w.withElements(of: Element.self) { w in
                try Tensor(shape: output, of: Element.self) { y in
                    convolve(x, w, bias, y)
                }
            }
        }
    }

    private func convolve<Element: BinaryFloatingPoint>(
        _ x: UnsafeBufferPointer<Element>, _ w: UnsafeBufferPointer<Element>, _ bias: [Element]?,
        _ y: UnsafeMutableBufferPointer<Element>
    ) {
        let (channels, filters, perGroup) = (input[1], weights[0], weights[1])
        let plane = input[2...].reduce(1, *)
        let outputPlane = output[2...].reduce(1, *)
        let taps = weights[2...].reduce(1, *)
        let filtersPerGroup = filters / groups
        var sums = [Double](repeating: 0, count: outputPlane)
        for sample in 0..<input[0] {
            for filter in 0..<filters {
                let start = bias.map { Double($0[filter]) } ?? 0
                for index in sums.indices { sums[index] = start }
                let firstChannel = filter / filtersPerGroup * perGroup
                for channel in 0..<perGroup {
                    let source = (sample * channels + firstChannel + channel) * plane
                    for tap in 0..<taps {
                        let weight = Double(w[(filter * perGroup + channel) * taps + tap])
                        accumulate(x, source, weight, tap, &sums)
                    }
                }
                let target = (sample * filters + filter) * outputPlane
                for index in sums.indices { y[target + index] = Element(sums[index]) }
            }
        }
    }

    /// Adds one tap of one channel, weighted, to every output element that it reaches.
    private func accumulate<Element: BinaryFloatingPoint>(
        _ x: UnsafeBufferPointer<Element>, _ source: Int, _ weight: Double, _ tap: Int, _ sums: inout [Double]
    ) {
        let spatial = window.kernel.count
        let last = spatial - 1
        var offsets = [Int](repeating: 0, count: spatial)
        var rest = tap
        for axis in (0..<spatial).reversed() {
            offsets[axis] = rest % window.kernel[axis] * window.dilations[axis] - window.padBegin[axis]
            rest /= window.kernel[axis]
        }
        let columns = output[2 + last]
        let extent = input[2 + last]
        let stride = window.strides[last]
        // The columns whose source column offset + column * stride lies within 0..<extent.
        let first = offsets[last] >= 0 ? 0 : (-offsets[last] + stride - 1) / stride
        let end = min(columns, offsets[last] >= extent ? 0 : (extent - 1 - offsets[last]) / stride + 1)
        guard first < end else { return }
        let rows = output[2..<(2 + last)].reduce(1, *)
        for row in 0..<rows {
            guard let line = sourceLine(row, offsets) else { continue }
            let base = source + line * extent + offsets[last]
            let target = row * columns
            sums.withUnsafeMutableBufferPointer { sums in
                for column in first..<end {
                    sums[target + column] += weight * Double(x[base + column * stride])
                }
            }
        }
    }

    /// The input line that an output row reads at the given tap offsets; nil if it lies in the padding.
    private func sourceLine(_ row: Int, _ offsets: [Int]) -> Int? {
        var rest = row
        var line = 0
        var scale = 1
        for axis in (0..<(window.kernel.count - 1)).reversed() {
            let position = rest % output[2 + axis] * window.strides[axis] + offsets[axis]
            rest /= output[2 + axis]
            guard position >= 0, position < input[2 + axis] else { return nil }
            line += position * scale
            scale *= input[2 + axis]
        }
        return line
    }
}
