import GraphIR

/// `BitShift`: the bits of X moved by Y places to the `direction` LEFT or RIGHT, elementwise on integers with
/// broadcasting (ONNX BitShift-11, 28).
///
/// Bits beyond the width are dropped. Zeros move in, except for a right shift of a negative number, where
/// ones do. If Y is negative or larger than the width, all bits move out.
public struct BitShift: BitwiseBinary {
    public let name = "BitShift"
    public let versions = [11, 28]

    public func schema(opset: Int) -> OperatorSchema {
        OperatorSchema(inputs: 2...2, .required("direction", .string))
    }

    public func function(_ context: OperatorContext, _ type: ElementType) throws(OperatorError)
        -> (Int, Int) -> Int
    {
        let width = type.bitWidth
        switch try context.string("direction") ?? "" {
        case "LEFT":
            return { x, places in places >= 0 && places < width ? x << places : 0 }
        case "RIGHT" where type == .uint64:
            return { x, places in
                places >= 0 && places < width
                    ? Int(truncatingIfNeeded: UInt(bitPattern: x) >> UInt(places)) : 0
            }
        case "RIGHT":
            return { x, places in places >= 0 && places < width ? x >> places : x < 0 ? -1 : 0 }
        case let other: throw context.error(.attribute, "direction \"\(other)\" is neither LEFT nor RIGHT")
        }
    }
}
