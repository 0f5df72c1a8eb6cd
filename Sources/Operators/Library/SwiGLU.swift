import Glibc
import GraphIR

/// `SwiGLU`: Y = A * sigmoid(alpha * A) * B, elementwise on inputs of one shape; alpha is 1 by default
/// (ONNX SwiGLU-28).
public struct SwiGLU: Operator {
    public let name = "SwiGLU"
    public let versions = [28]

    public func schema(opset: Int) -> OperatorSchema {
        OperatorSchema(inputs: 2...2, .optional("alpha", .float))
    }

    public func inferTypes(_ context: OperatorContext) throws(OperatorError) -> [TensorType?] {
        guard let a = context.inputType(0), let b = context.inputType(1) else {
            return [context.inputType(0) ?? context.inputType(1)]
        }
        guard let merged = a.merged(with: b) else {
            throw context.error(.shape, "the gate is \(a), the value \(b)")
        }
        return [merged]
    }

    public func evaluate(_ context: OperatorContext, _ inputs: [Tensor?]) throws -> [Tensor] {
        let alpha = Double(try context.float("alpha", default: 1))
        let (a, b) = (try context.required(inputs, 0), try context.required(inputs, 1))
        guard a.type == b.type, a.elementType.isFloatingPoint else {
            throw context.error(.shape, "the gate is \(a.type), the value \(b.type)")
        }
        let products = zip(try a.reals(context), try b.reals(context)).map { gate, value in
            gate / (1 + exp(-alpha * gate)) * value
        }
        return [try context.tensor(a.elementType, a.shape, reals: products)]
    }
}
