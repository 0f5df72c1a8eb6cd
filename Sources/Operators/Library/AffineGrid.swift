import GraphIR

/// `AffineGrid`: sampling positions of an affine map of the output's positions (ONNX AffineGrid-20).
///
/// theta [N, 2, 3], size [4] = N, C, H, W -> grid [N, H, W, 2] of (x, y); or theta [N, 3, 4], size [5] = N,
/// C, D, H, W -> [N, D, H, W, 3] of (x, y, z). Positions run from -1 to 1, which are the centres of the
/// corner elements with `align_corners`, and otherwise their outer edges.
public struct AffineGrid: Operator {
    public let name = "AffineGrid"
    public let versions = [20]

    public func schema(opset: Int) -> OperatorSchema {
        OperatorSchema(inputs: 2...2, .optional("align_corners", .flag))
    }

    public func inferTypes(_ context: OperatorContext) throws(OperatorError) -> [TensorType?] {
        guard let type = context.inputType(0)?.elementType else { return [nil] }
        guard let size = context.extents(input: 1) else { return [TensorType(type, nil)] }
        guard size.count == 4 || size.count == 5 else {
            throw context.error(.contents, "size must be 4 or 5 extents, is \(Shape(size))")
        }
        return [TensorType(type, Shape([size[0]] + size[2...] + [.fixed(size.count - 2)]))]
    }

    public func evaluate(_ context: OperatorContext, _ inputs: [Tensor?]) throws -> [Tensor] {
        let theta = try context.required(inputs, 0)
        guard let shape = try inferTypes(context).first??.shape?.extents else {
            throw context.error(.contents, "size must be integers")
        }
        let count = try context.checkedCount(shape)
        let (axes, spatial) = (shape.count - 2, Array(shape[1..<(shape.count - 1)]))
        guard theta.shape == [shape[0], axes, axes + 1] else {
            throw context.error(.shape, "theta \(theta.type) does not fit a grid of \(Shape(shape))")
        }
        let alignsCorners = try context.flag("align_corners", default: false)
        let matrices = try theta.reals(context)
        let points = spatial.reduce(1, *)
        var grid: [Double] = []
        grid.reserveCapacity(count)
        for point in 0..<(shape[0] * points) {
            var rest = point % points
            // x first: from the innermost axis outwards.
            let position = spatial.reversed().map { extent in
                let index = rest % extent
                rest /= extent
                guard alignsCorners else { return (2 * Double(index) + 1) / Double(extent) - 1 }
                return extent > 1 ? 2 * Double(index) / Double(extent - 1) - 1 : -1
            }
            for row in 0..<axes {
                let start = (point / points * axes + row) * (axes + 1)
                grid.append(zip(matrices[start...], position + [1]).reduce(0) { $0 + $1.0 * $1.1 })
            }
        }
        return [try context.tensor(theta.elementType, shape, reals: grid)]
    }
}
