import GraphIR

/// `Reshape`: the same elements in another shape (ONNX Reshape-5, 13, 14, 19, 21, 23).
///
/// In the requested shape, 0 keeps the input's extent (unless `allowzero`, from opset 14), and one -1 stands
/// for the remaining elements.
public struct Reshape: Operator {
    public let name = "Reshape"
    public let versions = [5, 13, 14, 19, 21, 23]

    public func schema(opset: Int) -> OperatorSchema {
        opset < 14
            ? OperatorSchema(inputs: 2...2)
            : OperatorSchema(inputs: 2...2, .optional("allowzero", .flag))
    }

    public func inferTypes(_ context: OperatorContext) throws(OperatorError) -> [TensorType?] {
        guard let data = context.inputType(0) else { return [nil] }
        guard let wanted = context.extents(input: 1) ?? context.integers(input: 1)?.map(Dim.fixed) else {
            guard let rank = context.shape(1)?.dims.first?.value, rank <= 64 else {
                return [TensorType(data.elementType, nil)]
            }
            return [TensorType(data.elementType, Shape([Dim](repeating: .unknown, count: rank)))]
        }
        return [TensorType(data.elementType, try reshaped(context, data.shape, to: wanted))]
    }

    /// A vector stays a vector and keeps its contents.
    public func inferExtents(_ context: OperatorContext) -> [Dim]? {
        guard let wanted = context.extents(input: 1), wanted.count <= 1 else { return nil }
        return context.extents(input: 0)
    }

    public func cost(_ context: OperatorContext) -> Cost? { .free }

    public func evaluate(_ context: OperatorContext, _ inputs: [Tensor?]) throws -> [Tensor] {
        let data = try context.required(inputs, 0)
        let wanted = try context.required(inputs, 1).wholeNumbers(context).map(Dim.fixed)
        guard let extents = try reshaped(context, Shape(data.shape), to: wanted).extents,
            let result = data.reshaped(to: extents)
        else { throw context.error(.shape, "input \(data.type) cannot be reshaped to \(Shape(wanted))") }
        return [result]
    }

    /// - Parameter input: nil if even the rank is unknown.
    /// - Throws: `OperatorError.shape` if the element counts cannot agree.
    private func reshaped(_ context: OperatorContext, _ input: Shape?, to wanted: [Dim])
        throws(OperatorError) -> Shape
    {
        let keepsZero = try context.flag("allowzero", default: false)
        var result = wanted
        var free: Int?
        // The extents on both sides that have not cancelled out.
        var given = input?.dims ?? [.unknown]
        var taken: [Dim] = []
        for (axis, dim) in wanted.enumerated() {
            switch dim {
            case .fixed(-1):
                guard free == nil else { throw context.error(.shape, "the shape holds two -1") }
                free = axis
                result[axis] = .unknown
            case .fixed(0) where !keepsZero:
                guard let input else {
                    result[axis] = .unknown
                    taken.append(.unknown)
                    continue
                }
                guard axis < input.rank else {
                    throw context.error(.shape, "the shape keeps extent \(axis), input \(input) has none")
                }
                result[axis] = input[axis]
                given[axis] = 1
            case .fixed(let value) where value < 0:
                throw context.error(.shape, "the shape holds \(value)")
            default: taken.append(dim)
            }
        }
        for (position, dim) in taken.enumerated() {
            guard case .symbol = dim, let match = given.firstIndex(of: dim) else { continue }
            given[match] = 1
            taken[position] = 1
        }
        let whole = Dim.product(given)
        let part = Dim.product(taken)
        if let free {
            result[free] = try remainder(context, given, part)
        } else if let a = whole.value, let b = part.value, a != b, input != nil {
            throw context.error(.shape, "\(a) elements cannot be reshaped to \(Shape(wanted))")
        }
        return Shape(result)
    }

    /// The extent that -1 stands for: the product of the given extents divided by that of the other requested
    /// ones.
    private func remainder(_ context: OperatorContext, _ given: [Dim], _ part: Dim)
        throws(OperatorError) -> Dim
    {
        let numbers = Dim.product(given.filter { $0.value != nil })
        let others = Dim.product(given.filter { $0.value == nil })
        guard case .fixed(let a) = numbers, case .fixed(let b) = part else { return .unknown }
        guard b > 0 else { throw context.error(.shape, "-1 beside an extent of 0 is ambiguous") }
        // A symbol remains whole, or in an unknown multiple.
        guard others == 1 else { return a == b ? others : .unknown }
        guard a % b == 0 else { throw context.error(.shape, "\(a) elements do not divide by \(b)") }
        return .fixed(a / b)
    }
}
