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
        // Kept from channel to channel, unless that would need too much memory for the work.
        let rows = output[2...].dropLast().reduce(1, *)
        let isSmall = taps <= 1 << 16 && rows <= 1 << 16 && taps * rows <= 1 << 16
        let reaches = isSmall ? (0..<taps).map(reach) : nil
        let filtersPerGroup = filters / groups
        withUnsafeTemporaryAllocation(of: Double.self, capacity: outputPlane) { sums in
            for sample in 0..<input[0] {
                for filter in 0..<filters {
                    sums.initialize(repeating: bias.map { Double($0[filter]) } ?? 0)
                    let firstChannel = filter / filtersPerGroup * perGroup
                    for channel in 0..<perGroup {
                        let source = (sample * channels + firstChannel + channel) * plane
                        for tap in 0..<taps {
                            let weight = Double(w[(filter * perGroup + channel) * taps + tap])
                            accumulate(x, source, weight, reaches?[tap] ?? reach(of: tap), sums)
                        }
                    }
                    let target = (sample * filters + filter) * outputPlane
                    for index in 0..<outputPlane { y[target + index] = Element(sums[index]) }
                }
            }
        }
    }

    /// The reach of one kernel tap: for each output row the start of the input line that it reads, in
    /// elements, and the columns of the row whose source is within the line.
    private struct Reach {
        /// Output rows that read a line, and the input position that column 0 would read.
        var rows: [(row: Int, source: Int)] = []
        /// The number of elements of an output row.
        var width: Int
        var columns: Range<Int>
        var stride: Int
    }

    private func reach(of tap: Int) -> Reach {
        let last = window.kernel.count - 1
        var offsets = [Int](repeating: 0, count: last + 1)
        var rest = tap
        for axis in (0...last).reversed() {
            offsets[axis] = rest % window.kernel[axis] * window.dilations[axis] - window.padBegin[axis]
            rest /= window.kernel[axis]
        }
        let (extent, stride, offset) = (input[2 + last], window.strides[last], offsets[last])
        // The columns whose source column offset + column * stride lies within 0..<extent.
        let first = offset >= 0 ? 0 : (-offset + stride - 1) / stride
        let end = min(output[2 + last], offset >= extent ? 0 : (extent - 1 - offset) / stride + 1)
        var reach = Reach(width: output[2 + last], columns: first..<max(first, end), stride: stride)
        guard !reach.columns.isEmpty else { return reach }
        for row in 0..<output[2..<(2 + last)].reduce(1, *) {
            if let line = sourceLine(row, offsets) { reach.rows.append((row, line * extent + offset)) }
        }
        // Rows that are consecutive in input and output are treated as one long row.
        if offsets.allSatisfy({ $0 == 0 }), window.strides.allSatisfy({ $0 == 1 }),
            input[2...] == output[2...]
        {
            reach = Reach(rows: [(0, 0)], width: 0, columns: 0..<output[2...].reduce(1, *), stride: 1)
        }
        return reach
    }

    /// Adds one weighted tap of one channel to every output element that it reaches.
    private func accumulate<Element: BinaryFloatingPoint>(
        _ x: UnsafeBufferPointer<Element>, _ source: Int, _ weight: Double, _ reach: Reach,
        _ sums: UnsafeMutableBufferPointer<Double>
    ) {
        guard let x = x.baseAddress, let sums = sums.baseAddress else { return }
        let (first, count) = (reach.columns.lowerBound, reach.columns.count)
        for (row, line) in reach.rows {
            // Pointer offsets are not checked for overflow, so the loops become vector instructions.
            let from = x + (source + line + first * reach.stride)
            let to = sums + (row * reach.width + first)
            if reach.stride == 1 {
                for column in 0..<count { to[column] += weight * Double(from[column]) }
            } else {
                for column in 0..<count { to[column] += weight * Double(from[column &* reach.stride]) }
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
