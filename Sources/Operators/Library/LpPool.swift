import Glibc
import GraphIR

/// `LpPool`: the p-norm of the elements under a sliding window (ONNX LpPool-2, 11, 18, 22).
///
/// X [N, C, D1...Dn] -> Y [N, C, O1...On].
public struct LpPool: Pooling {
    public let name = "LpPool"
    public let versions = [2, 11, 18, 22]

    public func schema(opset: Int) -> OperatorSchema {
        opset < 18
            ? OperatorSchema(
                inputs: 1...1, .optional("auto_pad", .string), .required("kernel_shape", .ints),
                .optional("p", .int), .optional("pads", .ints), .optional("strides", .ints))
            : OperatorSchema(
                inputs: 1...1, .optional("auto_pad", .string), .optional("ceil_mode", .flag),
                .optional("dilations", .ints), .required("kernel_shape", .ints), .optional("p", .int),
                .optional("pads", .ints), .optional("strides", .ints))
    }

    public func inferTypes(_ context: OperatorContext) throws(OperatorError) -> [TensorType?] {
        guard let x = context.inputType(0) else { return [nil] }
        return [TensorType(x.elementType, try outputShape(context))]
    }

    public func evaluate(_ context: OperatorContext, _ inputs: [Tensor?]) throws -> [Tensor] {
        let x = try context.required(inputs, 0)
        let p = Double(try context.int("p", default: 2))
        guard p >= 1 else { throw context.error(.attribute, "p = \(p) is not possible") }
        let geometry = try geometry(context, x)
        let values = try x.reals(context)
        var norms = [Double](repeating: 0, count: geometry.planes * geometry.positions)
        geometry.forEachPosition { position, window in
            for plane in 0..<geometry.planes {
                let start = plane * geometry.plane
                let sum = window.taps.reduce(0) { $0 + pow(abs(values[start + $1]), p) }
                norms[plane * geometry.positions + position] = pow(sum, 1 / p)
            }
        }
        return [try context.tensor(x.elementType, geometry.output, reals: norms)]
    }
}
