import GraphIR

/// `RoiAlign`: regions of images, each pooled to one size from interpolated samples (ONNX RoiAlign-10, 16,
/// 22).
///
/// X [N, C, H, W], rois [R, 4] of (x1, y1, x2, y2), batch_indices, int64 [R] -> Y [R, C, output_height,
/// output_width]. A region is scaled by `spatial_scale` and, with half_pixel (the default from opset 16 on),
/// shifted by half an element; each output element is the mean (avg) or the largest (max) of a grid of
/// samples, `sampling_ratio` in each direction or as many as the bin has elements. Max takes the largest of
/// the weighted corners of the samples, as ONNX and onnxruntime do.
public struct RoiAlign: Operator {
    public let name = "RoiAlign"
    public let versions = [10, 16, 22]

    public func schema(opset: Int) -> OperatorSchema {
        let modes: OperatorSchema.AttributeRule = .optional("mode", .string)
        return opset < 16
            ? OperatorSchema(
                inputs: 3...3, modes, .optional("output_height", .int), .optional("output_width", .int),
                .optional("sampling_ratio", .int), .optional("spatial_scale", .float))
            : OperatorSchema(
                inputs: 3...3, .optional("coordinate_transformation_mode", .string), modes,
                .optional("output_height", .int), .optional("output_width", .int),
                .optional("sampling_ratio", .int), .optional("spatial_scale", .float))
    }

    public func inferTypes(_ context: OperatorContext) throws(OperatorError) -> [TensorType?] {
        guard let x = context.inputType(0) else { return [nil] }
        let (height, width) = try outputExtents(context)
        let regions = context.shape(1)?.dims.first ?? context.shape(2)?.dims.first ?? .unknown
        if let shape = x.shape, shape.rank != 4 {
            throw context.error(.shape, "takes images [N, C, H, W], the input is \(shape)")
        }
        let channels = x.shape?[1] ?? .unknown
        return [TensorType(x.elementType, Shape([regions, channels, .fixed(height), .fixed(width)]))]
    }

    public func evaluate(_ context: OperatorContext, _ inputs: [Tensor?]) throws -> [Tensor] {
        let x = try context.required(inputs, 0)
        let regions = try context.required(inputs, 1)
        let batches = try context.required(inputs, 2).wholeNumbers(context)
        guard x.rank == 4, regions.shape == [batches.count, 4] else {
            throw context.error(
                .shape, "rois \(regions.type) and \(batches.count) batch_indices do not fit \(x.type)")
        }
        let (height, width) = try outputExtents(context)
        let shape = [batches.count, x.shape[1], height, width]
        let count = try context.checkedCount(shape)
        guard x.elementCount > 0 || count == 0 else {
            throw context.error(.shape, "input \(x.type) is empty")
        }
        let takesMax = try takesMax(context)
        let (values, corners) = (try x.reals(context), try regions.reals(context))
        let plane = x.shape[2] * x.shape[3]
        var y: [Double] = []
        y.reserveCapacity(count)
        for (region, batch) in batches.enumerated() where count > 0 {
            let image = try context.place(batch, in: x.shape[0])
            let bins = try bins(context, Array(corners[(region * 4)..<(region * 4 + 4)]), x.shape)
            for channel in 0..<x.shape[1] {
                let start = (image * x.shape[1] + channel) * plane
                for samples in bins {
                    if takesMax {
                        let weighted = samples.lazy.flatMap {
                            $0.map { values[start + $0.position] * $0.weight }
                        }
                        y.append(weighted.max() ?? 0)
                    } else {
                        let sum = samples.reduce(0) { total, sample in
                            sample.reduce(total) { $0 + values[start + $1.position] * $1.weight }
                        }
                        y.append(sum / Double(max(1, samples.count)))
                    }
                }
            }
        }
        return [try context.tensor(x.elementType, shape, reals: y)]
    }

    private func outputExtents(_ context: OperatorContext) throws(OperatorError) -> (height: Int, width: Int)
    {
        let height = try context.int("output_height", default: 1)
        let width = try context.int("output_width", default: 1)
        guard height > 0, width > 0 else {
            throw context.error(.attribute, "an output of \(height)x\(width) is not possible")
        }
        return (height, width)
    }

    private func takesMax(_ context: OperatorContext) throws(OperatorError) -> Bool {
        switch try context.string("mode") ?? "avg" {
        case "avg": return false
        case "max": return true
        case let name: throw context.error(.attribute, "mode \"\(name)\" is unknown")
        }
    }

    /// A sample: the four elements around it, as offsets within a plane, with their weights.
    private typealias Sample = [Interpolation.Tap]

    /// The samples of each output element of one region, in row-major order.
    private func bins(_ context: OperatorContext, _ corners: [Double], _ shape: [Int]) throws -> [[Sample]] {
        let (rows, columns) = try outputExtents(context)
        let isHalfPixel = try isHalfPixel(context)
        let scale = Double(try context.float("spatial_scale", default: 1))
        let ratio = try context.int("sampling_ratio", default: 0)
        guard corners.allSatisfy(\.isFinite), scale.isFinite, ratio >= 0 else {
            throw context.error(.contents, "a region of \(corners) at scale \(scale) is not possible")
        }
        func axis(_ low: Double, _ high: Double, _ bins: Int, _ extent: Int) -> SampledAxis {
            let offset = isHalfPixel ? 0.5 : 0
            let start = low * scale - offset
            let length = high * scale - offset - start
            let size = (isHalfPixel ? length : max(length, 1)) / Double(bins)
            let count = ratio > 0 ? ratio : max(0, size.rounded(.up).truncatedToInt)
            return SampledAxis(start: start, binSize: size, samples: count, bins: bins, extent: extent)
        }
        let vertical = axis(corners[1], corners[3], rows, shape[2])
        let horizontal = axis(corners[0], corners[2], columns, shape[3])
        // A region may be much larger than the image.
        let counts = [rows, columns, vertical.samples, horizontal.samples]
        let work = try context.checkedCount(counts) * EvaluationBudget.plainWeight
        try context.budget.spend(work, place: context.label)
        return (0..<rows).flatMap { row in
            (0..<columns).map { column in
                (0..<vertical.samples).flatMap { y in
                    (0..<horizontal.samples).map { x in
                        vertical.taps(row, y).flatMap { outer in
                            horizontal.taps(column, x).map {
                                (outer.position * shape[3] + $0.position, outer.weight * $0.weight)
                            }
                        }
                    }
                }
            }
        }
    }

    private func isHalfPixel(_ context: OperatorContext) throws(OperatorError) -> Bool {
        switch try context.string("coordinate_transformation_mode") ?? "half_pixel" {
        case "half_pixel": return context.opset >= 16
        case "output_half_pixel": return false
        case let name:
            throw context.error(.attribute, "coordinate_transformation_mode \"\(name)\" is unknown")
        }
    }

    /// One axis of a region, cut into bins that are sampled at even distances.
    private struct SampledAxis {
        let start: Double
        let binSize: Double
        let samples: Int
        let bins: Int
        let extent: Int

        /// The two elements around a sample of a bin. Up to one element outside the image the edge counts,
        /// and beyond that 0.
        func taps(_ bin: Int, _ sample: Int) -> [Interpolation.Tap] {
            let x = start + Double(bin) * binSize + (Double(sample) + 0.5) * binSize / Double(samples)
            guard x >= -1, x <= Double(extent) else { return [(0, 0), (0, 0)] }
            let inside = min(max(x, 0), Double(extent - 1))
            let below = inside.truncatedToInt
            let fraction = inside - Double(below)
            return [(below, 1 - fraction), (min(below + 1, extent - 1), fraction)]
        }
    }
}
