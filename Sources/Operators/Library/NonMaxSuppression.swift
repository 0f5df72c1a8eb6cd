import GraphIR

/// `NonMaxSuppression`: the best boxes of each class that do not overlap a better one (ONNX
/// NonMaxSuppression-10, 11).
///
/// boxes [N, S, 4], scores [N, C, S], then optional numbers: max_output_boxes_per_class (default 0),
/// iou_threshold (default 0), score_threshold (default: none) -> int64 [n, 3]. The rows hold batch, class and
/// box. They are sorted by batch and class, and within a class by descending score; n depends on the
/// contents. A box is suppressed if its intersection over union with a selected one is above the threshold. A
/// box is two opposite corners (y, x), or with `center_point_box` its centre (x, y), width and height.
public struct NonMaxSuppression: Operator {
    public let name = "NonMaxSuppression"
    public let versions = [10, 11]

    public func schema(opset: Int) -> OperatorSchema {
        OperatorSchema(inputs: 2...5, .optional("center_point_box", .flag))
    }

    public func inferTypes(_ context: OperatorContext) -> [TensorType?] {
        [TensorType(.int64, Shape([.unknown, 3]))]
    }

    /// One operation per box and class, and for each box that may be selected.
    public func cost(_ context: OperatorContext) -> Cost? {
        guard let scores = context.shape(1)?.elementCount, let boxes = context.shape(1)?.dims.last?.value
        else { return nil }
        let most = context.integers(input: 2)?.first ?? boxes
        let taken = min(max(most, 0), boxes)
        let (count, overflow) = scores.multipliedReportingOverflow(by: taken.addingClamped(1))
        return overflow ? nil : Cost(elementaryOperations: count)
    }

    public func evaluate(_ context: OperatorContext, _ inputs: [Tensor?]) throws -> [Tensor] {
        let boxTensor = try context.required(inputs, 0)
        let scoreTensor = try context.required(inputs, 1)
        guard boxTensor.rank == 3, scoreTensor.rank == 3, boxTensor.shape[2] == 4,
            boxTensor.shape[0] == scoreTensor.shape[0], boxTensor.shape[1] == scoreTensor.shape[2]
        else {
            throw context.error(.shape, "boxes \(boxTensor.type) and scores \(scoreTensor.type) do not fit")
        }
        func number(_ position: Int) throws -> Double? {
            guard inputs.indices.contains(position), let tensor = inputs[position] else { return nil }
            guard let number = try tensor.reals(context).first, tensor.elementCount == 1 else {
                throw context.error(.shape, "input \(position) must be one number")
            }
            return number
        }
        let most = max(0, try number(2)?.truncatedToInt ?? 0)
        let overlap = Float(try number(3) ?? 0)
        let threshold = try number(4)
        guard overlap >= 0, overlap <= 1 else {
            throw context.error(.contents, "an iou_threshold of \(overlap) is not possible")
        }
        let isCentred = try context.flag("center_point_box", default: false)
        let boxes = try boxTensor.reals(context)
        let scores = try scoreTensor.reals(context)
        let (classes, count) = (scoreTensor.shape[1], scoreTensor.shape[2])
        var rows: [Int] = []
        for row in 0..<(scoreTensor.shape[0] * classes) {
            let batch = row / classes
            let scores = scores[(row * count)..<((row + 1) * count)]
            var taken: [Box] = []
            for index in order(scores, threshold) where taken.count < most {
                let place = (batch * count + index) * 4
                let box = Box(boxes[place..<(place + 4)].map { Float($0) }, isCentred: isCentred)
                guard !taken.contains(where: { $0.overlaps(box, above: overlap) }) else { continue }
                taken.append(box)
                rows += [batch, row % classes, index]
            }
        }
        return [try context.tensor(.int64, [rows.count / 3, 3], integers: rows)]
    }

    /// The boxes whose score is above the threshold, best first, the lower index first among equals.
    private func order(_ scores: ArraySlice<Double>, _ threshold: Double?) -> [Int] {
        let list = Array(scores)
        let candidates = list.indices.filter { index in threshold.map { list[index] > $0 } ?? true }
        return candidates.sorted { list[$0] == list[$1] ? $0 < $1 : list[$0] > list[$1] }
    }
}

/// A box by its corners, in single precision: whether two boxes overlap must not depend on the precision of
/// the computation.
private struct Box {
    let low: (x: Float, y: Float)
    let high: (x: Float, y: Float)

    init(_ numbers: [Float], isCentred: Bool) {
        if isCentred {
            let (halfWidth, halfHeight) = (numbers[2] / 2, numbers[3] / 2)
            low = (numbers[0] - halfWidth, numbers[1] - halfHeight)
            high = (numbers[0] + halfWidth, numbers[1] + halfHeight)
        } else {
            low = (min(numbers[1], numbers[3]), min(numbers[0], numbers[2]))
            high = (max(numbers[1], numbers[3]), max(numbers[0], numbers[2]))
        }
    }

    private var area: Float { (high.x - low.x) * (high.y - low.y) }

    /// Whether the intersection over the union is above `threshold`; never for a box without area.
    func overlaps(_ other: Box, above threshold: Float) -> Bool {
        let width = min(high.x, other.high.x) - max(low.x, other.low.x)
        let height = min(high.y, other.high.y) - max(low.y, other.low.y)
        guard width > 0, height > 0, area > 0, other.area > 0 else { return false }
        let intersection = width * height
        return intersection / (area + other.area - intersection) > threshold
    }
}
