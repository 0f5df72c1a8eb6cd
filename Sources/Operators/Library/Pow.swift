import Glibc
import GraphIR

/// `Pow`: Z = X ^ Y, elementwise with broadcasting; Z has X's element type (ONNX Pow-7, 12, 13, 15).
///
/// Integer powers of integers wrap around; a negative power of an integer is truncated towards zero.
public struct Pow: Operator {
    public let name = "Pow"
    public let versions = [7, 12, 13, 15]

    public func schema(opset: Int) -> OperatorSchema { OperatorSchema(inputs: 2...2) }

    public func inferTypes(_ context: OperatorContext) throws(OperatorError) -> [TensorType?] {
        guard let type = context.inputType(0)?.elementType else { return [nil] }
        return [TensorType(type, try context.broadcastInputs())]
    }

    public func evaluate(_ context: OperatorContext, _ inputs: [Tensor?]) throws -> [Tensor] {
        let x = try context.required(inputs, 0)
        let y = try context.required(inputs, 1)
        let broadcast = try Broadcast(context, [x.shape, y.shape])
        if x.elementType.isInteger, y.elementType.isInteger {
            let exponents = try y.wholeNumbers(context)
            if exponents.allSatisfy({ $0 >= 0 }) {
                let bases = broadcast.spread(try x.wholeNumbers(context), of: x.shape)
                let powers = zip(bases, broadcast.spread(exponents, of: y.shape)).map(integerPower)
                return [try context.tensor(x.elementType, broadcast.shape, integers: powers)]
            }
        }
        let bases = broadcast.spread(try x.reals(context), of: x.shape)
        let exponents = broadcast.spread(try y.reals(context), of: y.shape)
        let powers = zip(bases, exponents).map { pow($0, $1) }
        return [try context.tensor(x.elementType, broadcast.shape, reals: powers)]
    }

    private func integerPower(_ base: Int, _ exponent: Int) -> Int {
        var (result, square, rest) = (1, base, exponent)
        while rest > 0 {
            if rest & 1 == 1 { result &*= square }
            square &*= square
            rest >>= 1
        }
        return result
    }
}
