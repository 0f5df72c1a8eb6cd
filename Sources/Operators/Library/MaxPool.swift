import GraphIR

/// `MaxPool`: the largest element under a sliding window (ONNX MaxPool-1, 8, 10, 11, 12, 22).
///
/// X [N, C, D1...Dn] -> Y [N, C, O1...On] and optionally Indices, int64, of Y's shape: the position in the
/// flattened X of each element of Y (the first of equal ones). With `storage_order` 1 the spatial axes are
/// counted column-major. Padding is never the largest.
public struct MaxPool: Pooling {
    public let name = "MaxPool"
    public let versions = [1, 8, 10, 11, 12, 22]

    public func schema(opset: Int) -> OperatorSchema {
        opset < 10
            ? OperatorSchema(
                inputs: 1...1, outputs: 1...2, .optional("auto_pad", .string),
                .required("kernel_shape", .ints), .optional("pads", .ints),
                .optional("storage_order", .flag), .optional("strides", .ints))
            : OperatorSchema(
                inputs: 1...1, outputs: 1...2, .optional("auto_pad", .string),
                .optional("ceil_mode", .flag), .optional("dilations", .ints),
                .required("kernel_shape", .ints), .optional("pads", .ints),
                .optional("storage_order", .flag), .optional("strides", .ints))
    }

    public func inferTypes(_ context: OperatorContext) throws(OperatorError) -> [TensorType?] {
        guard let x = context.inputType(0) else { return [nil] }
        let shape = try outputShape(context)
        return [TensorType(x.elementType, shape), TensorType(.int64, shape)]
    }

    public func evaluate(_ context: OperatorContext, _ inputs: [Tensor?]) throws -> [Tensor] {
        let x = try context.required(inputs, 0)
        let geometry = try geometry(context, x)
        let values = try x.reals(context)
        let columnMajor = try context.flag("storage_order", default: false)
        let count = geometry.planes * geometry.positions
        var maxima = [Double](repeating: -.infinity, count: count)
        var indices = [Int](repeating: 0, count: count)
        geometry.forEachPosition { position, window in
            for plane in 0..<geometry.planes {
                let start = plane * geometry.plane
                guard var best = window.taps.first else { continue }
                for tap in window.taps where isAbove(values[start + tap], values[start + best]) {
                    best = tap
                }
                let target = plane * geometry.positions + position
                maxima[target] = values[start + best]
                indices[target] = start + (columnMajor ? geometry.columnMajor(best) : best)
            }
        }
        let y = try context.tensor(x.elementType, geometry.output, reals: maxima)
        guard context.outputCount > 1 else { return [y] }
        return [y, try context.tensor(.int64, geometry.output, integers: indices)]
    }

    private func isAbove(_ a: Double, _ b: Double) -> Bool { a > b || (a.isNaN && !b.isNaN) }
}

extension PoolingGeometry {
    /// A row-major offset within the input plane, converted to a column-major one.
    fileprivate func columnMajor(_ offset: Int) -> Int {
        var rest = offset
        var result = 0
        for (axis, extent) in input[2...].enumerated().reversed() {
            let scale = input[2..<(2 + axis)].reduce(1, *)
            result += rest % extent * scale
            rest /= extent
        }
        return result
    }
}
