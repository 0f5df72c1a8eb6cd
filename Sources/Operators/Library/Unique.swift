import GraphIR

/// `Unique`: the distinct elements, or the distinct slices along an axis (ONNX Unique-11).
///
/// X -> Y, and optionally int64 vectors: the position of each one's first occurrence, the index in Y for each
/// element of X, and the number of occurrences of each. Y is a vector [n] without `axis`, otherwise like X
/// with extent n along it; n depends on the contents. The order is ascending with `sorted` (the default),
/// otherwise that of first occurrence. A NaN differs from any other element and comes last.
public struct Unique: Operator {
    public let name = "Unique"
    public let versions = [11]

    public func schema(opset: Int) -> OperatorSchema {
        OperatorSchema(inputs: 1...1, outputs: 1...4, .optional("axis", .int), .optional("sorted", .flag))
    }

    public func inferTypes(_ context: OperatorContext) throws(OperatorError) -> [TensorType?] {
        let counts = [TensorType?](repeating: TensorType(.int64, Shape([.unknown])), count: 2)
        let places = TensorType(.int64, Shape([.unknown]))
        guard let x = context.inputType(0) else { return [nil, places] + counts }
        guard let axis = try context.int("axis") else {
            return [TensorType(x.elementType, Shape([.unknown])), places] + counts
        }
        guard var shape = x.shape else { return [x, places] + counts }
        let position = try context.axis(axis, rank: shape.rank)
        let inverse = TensorType(.int64, Shape([shape[position]]))
        shape[position] = .unknown
        return [TensorType(x.elementType, shape), places, inverse, places]
    }

    /// One operation per input element.
    public func cost(_ context: OperatorContext) -> Cost? {
        context.shape(0)?.elementCount.map { Cost(elementaryOperations: $0) }
    }

    public func evaluate(_ context: OperatorContext, _ inputs: [Tensor?]) throws -> [Tensor] {
        let x = try context.required(inputs, 0)
        let (shape, axis) =
            try context.int("axis").map { (x.shape, try context.axis($0, rank: x.rank)) }
            ?? ([x.elementCount], 0)
        let groups: [[Int]]
        if x.elementType == .string {
            groups = self.groups(x.strings.map { String(decoding: $0, as: UTF8.self) }, shape, axis)
        } else if x.elementType.isInteger || x.elementType == .bool {
            groups = self.groups(try x.wholeNumbers(context), shape, axis)
        } else {
            groups = self.groups(try x.reals(context), shape, axis)
        }
        let isSorted = try context.flag("sorted", default: true)
        let ordered = isSorted ? groups : groups.sorted { $0[0] < $1[0] }
        var inverse = [Int](repeating: 0, count: shape[axis])
        for (number, group) in ordered.enumerated() {
            for place in group { inverse[place] = number }
        }
        let firsts = ordered.map { $0[0] }
        let inner = shape[(axis + 1)...].reduce(1, *)
        let chunks = (0..<shape[..<axis].reduce(1, *)).flatMap { row in firsts.map { row * shape[axis] + $0 }
        }
        var result = shape
        result[axis] = firsts.count
        return [
            try x.gatheringChunks(context, chunks, chunk: inner, shape: result),
            try context.tensor(.int64, [firsts.count], integers: firsts),
            try context.tensor(.int64, [shape[axis]], integers: inverse),
            try context.tensor(.int64, [firsts.count], integers: ordered.map(\.count)),
        ]
    }

    /// Groups the indices along the axis by equal slices, in the order of the slices; ascending within a
    /// group.
    private func groups<Element: Comparable>(_ elements: [Element], _ shape: [Int], _ axis: Int) -> [[Int]] {
        let inner = shape[(axis + 1)...].reduce(1, *)
        let outer = shape[..<axis].reduce(1, *)
        /// -1, 0 or 1 if slice `a` comes before, with or after slice `b`.
        func order(_ a: Int, _ b: Int) -> Int {
            for row in 0..<outer {
                for column in 0..<inner {
                    let x = elements[(row * shape[axis] + a) * inner + column]
                    let y = elements[(row * shape[axis] + b) * inner + column]
                    if x < y { return -1 }
                    if x > y { return 1 }
                    // Only elements that differ from themselves remain: NaN, after all numbers.
                    if x != y { return x == x ? -1 : y == y ? 1 : a < b ? -1 : a > b ? 1 : 0 }
                }
            }
            return 0
        }
        let places = (0..<shape[axis]).sorted { a, b in
            let order = order(a, b)
            return order == 0 ? a < b : order < 0
        }
        var groups: [[Int]] = []
        for place in places {
            if let last = groups.last, order(last[0], place) == 0 {
                groups[groups.count - 1].append(place)
            } else {
                groups.append([place])
            }
        }
        return groups
    }
}
