import GraphIR

/// `AveragePool`: the mean of the elements under a sliding window (ONNX AveragePool-1, 7, 10, 11, 19, 22).
///
/// X [N, C, D1...Dn] -> Y [N, C, O1...On]. With `count_include_pad` padding counts as zeros, otherwise not at
/// all. Elements beyond the padding, which `ceil_mode` lets a window cover, never count.
public struct AveragePool: Pooling {
    public let name = "AveragePool"
    public let versions = [1, 7, 10, 11, 19, 22]

    public func schema(opset: Int) -> OperatorSchema {
        switch opset {
        case ..<10:
            OperatorSchema(
                inputs: 1...1, .optional("auto_pad", .string), .optional("count_include_pad", .flag),
                .required("kernel_shape", .ints), .optional("pads", .ints), .optional("strides", .ints))
        case ..<19:
            OperatorSchema(
                inputs: 1...1, .optional("auto_pad", .string), .optional("ceil_mode", .flag),
                .optional("count_include_pad", .flag), .required("kernel_shape", .ints),
                .optional("pads", .ints), .optional("strides", .ints))
        default:
            OperatorSchema(
                inputs: 1...1, .optional("auto_pad", .string), .optional("ceil_mode", .flag),
                .optional("count_include_pad", .flag), .optional("dilations", .ints),
                .required("kernel_shape", .ints), .optional("pads", .ints), .optional("strides", .ints))
        }
    }

    public func inferTypes(_ context: OperatorContext) throws(OperatorError) -> [TensorType?] {
        guard let x = context.inputType(0) else { return [nil] }
        return [TensorType(x.elementType, try outputShape(context))]
    }

    public func evaluate(_ context: OperatorContext, _ inputs: [Tensor?]) throws -> [Tensor] {
        let x = try context.required(inputs, 0)
        let geometry = try geometry(context, x)
        let values = try x.reals(context)
        let countsPadding = try context.flag("count_include_pad", default: false)
        var means = [Double](repeating: 0, count: geometry.planes * geometry.positions)
        geometry.forEachPosition { position, window in
            let count = countsPadding ? window.paddedCount : window.taps.count
            guard count > 0 else { return }
            for plane in 0..<geometry.planes {
                let start = plane * geometry.plane
                let sum = window.taps.reduce(0) { $0 + values[start + $1] }
                means[plane * geometry.positions + position] = sum / Double(count)
            }
        }
        return [try context.tensor(x.elementType, geometry.output, reals: means)]
    }
}
