import GraphIR

/// Scale and zero point of a linear quantisation, one for all elements or one for each index of an axis.
struct Quantization {
    let scales: [Double]
    let zeroPoints: [Int]
    private let extent: Int
    private let inner: Int

    /// - Throws: `OperatorError` if scale and zero point fit neither a scalar nor the axis.
    init(_ context: OperatorContext, _ shape: [Int], scale: Tensor, zeroPoint: Tensor?) throws {
        guard try context.int("block_size", default: 0) == 0 else {
            throw context.error(.unsupported, "blocked quantisation is not supported")
        }
        let scales = try scale.reals(context)
        let zeroPoints =
            try zeroPoint?.wholeNumbers(context) ?? [Int](repeating: 0, count: scales.count)
        guard scales.count == zeroPoints.count else {
            throw context.error(.shape, "scale and zero point differ in shape")
        }
        if scales.count == 1 {
            (extent, inner) = (1, 1)
        } else {
            let axis = try context.axis(try context.int("axis", default: 1), rank: shape.count)
            guard scale.rank == 1, scales.count == shape[axis] else {
                throw context.error(.shape, "scale \(scale.type) does not fit axis \(axis)")
            }
            (extent, inner) = (shape[axis], shape[(axis + 1)...].reduce(1, *))
        }
        self.scales = scales
        self.zeroPoints = zeroPoints
    }

    /// Which scale and zero point belong to the element at a row-major offset.
    func group(of element: Int) -> Int { element / max(inner, 1) % max(extent, 1) }
}
