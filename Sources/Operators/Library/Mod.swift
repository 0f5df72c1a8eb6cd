import Glibc
import GraphIR

/// `Mod`: the remainder of A / B, elementwise with broadcasting (ONNX Mod-10, 13, 28).
///
/// With `fmod` = 0 it has the sign of B: A - floor(A / B) * B. With `fmod` = 1 it has the sign of A:
/// A - trunc(A / B) * B.
public struct Mod: Operator {
    public let name = "Mod"
    public let versions = [10, 13, 28]

    public func schema(opset: Int) -> OperatorSchema {
        OperatorSchema(inputs: 2...2, .optional("fmod", .flag))
    }

    public func inferTypes(_ context: OperatorContext) throws(OperatorError) -> [TensorType?] {
        guard let type = context.inputType(0)?.elementType ?? context.inputType(1)?.elementType else {
            return [nil]
        }
        return [TensorType(type, try context.broadcastInputs())]
    }

    public func evaluate(_ context: OperatorContext, _ inputs: [Tensor?]) throws -> [Tensor] {
        let followsDividend = try context.flag("fmod", default: false)
        return try context.combining(inputs) { a, b in
            let rest = fmod(a, b)
            if followsDividend { return rest }
            // A remainder of 0 has the divisor's sign too.
            if rest == 0 { return b.sign == .minus ? -0.0 : 0 }
            return (rest < 0) == (b < 0) ? rest : rest + b
        } integer: { a, b in
            guard b != 0 else { return nil }
            let rest = b == -1 ? 0 : a % b
            return followsDividend || rest == 0 || (rest < 0) == (b < 0) ? rest : rest + b
        }
    }
}
