import Glibc
import GraphIR

/// `LRN`: local response normalisation over neighbouring channels (ONNX LRN-1, 13).
///
/// X [N, C, D1...Dn] -> Y like X: y = x / (bias + alpha / size * s)^beta with s the sum of x^2 over the
/// channels from c - floor((size - 1) / 2) to c + ceil((size - 1) / 2).
public struct LRN: Operator {
    public let name = "LRN"
    public let versions = [1, 13]

    public func schema(opset: Int) -> OperatorSchema {
        OperatorSchema(
            inputs: 1...1, .optional("alpha", .float), .optional("beta", .float), .optional("bias", .float),
            .required("size", .int))
    }

    public func inferTypes(_ context: OperatorContext) -> [TensorType?] { [context.inputType(0)] }

    public func cost(_ context: OperatorContext) -> Cost? {
        guard let size = try? context.int("size") else { return nil }
        return .elementwise(context, perElement: size)
    }

    public func evaluate(_ context: OperatorContext, _ inputs: [Tensor?]) throws -> [Tensor] {
        let x = try context.required(inputs, 0)
        guard x.rank >= 2 else { throw context.error(.shape, "input \(x.type) has no channels") }
        let size = try context.int("size", default: 0)
        guard size >= 1 else { throw context.error(.attribute, "size \(size) is not possible") }
        let alpha = Double(try context.float("alpha", default: 1e-4)) / Double(size)
        let beta = Double(try context.float("beta", default: 0.75))
        let bias = Double(try context.float("bias", default: 1))
        let values = try x.reals(context)
        guard !values.isEmpty else { return [x] }
        let (channels, plane) = (x.shape[1], x.shape[2...].reduce(1, *))
        let before = min((size - 1) / 2, channels)
        let after = min(size / 2, channels)
        var result = values
        for index in values.indices {
            let channel = index / plane % channels
            let first = index - min(before, channel) * plane
            let last = index + min(after, channels - 1 - channel) * plane
            let squares = stride(from: first, through: last, by: plane)
                .reduce(0) { $0 + values[$1] * values[$1] }
            result[index] = values[index] / pow(bias + alpha * squares, beta)
        }
        return [try context.tensor(x.elementType, x.shape, reals: result)]
    }
}
