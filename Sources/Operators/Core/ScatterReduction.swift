import GraphIR

/// The ways in which ScatterElements and ScatterND combine an update with the old element.
enum ScatterReduction: String {
    case none, add, mul, max, min

    /// - Throws: `OperatorError.attribute` for an unknown one.
    init(_ context: OperatorContext) throws(OperatorError) {
        let name = try context.string("reduction") ?? "none"
        guard let reduction = ScatterReduction(rawValue: name) else {
            throw context.error(.attribute, "reduction \"\(name)\" is unknown")
        }
        self = reduction
    }

    /// `data`, in which chunk i of `updates` replaces, or is combined with, the elements from `places[i]` on.
    /// Later updates see earlier ones.
    func apply(
        _ context: OperatorContext, _ data: Tensor, _ updates: Tensor, places: [Int], chunk: Int
    ) throws -> Tensor {
        guard data.elementType == updates.elementType else {
            throw context.error(.elementType, "data and updates differ in their element type")
        }
        if self == .none {
            var result = try TensorAssembler(context, data.elementType, shape: data.shape)
            result.copy(data, from: 0, count: data.elementCount, to: 0)
            for (position, place) in places.enumerated() {
                result.copy(updates, from: position * chunk, count: chunk, to: place)
            }
            return try result.finish()
        }
        func scatter<Number>(
            _ old: [Number], _ new: [Number], _ combine: (Number, Number) -> Number
        ) -> [Number] {
            var result = old
            for (position, place) in places.enumerated() {
                for element in 0..<chunk {
                    let update = new[position * chunk + element]
                    result[place + element] = combine(result[place + element], update)
                }
            }
            return result
        }
        if data.elementType == .uint64 {
            let (old, new) = (try data.elements(of: UInt64.self), try updates.elements(of: UInt64.self))
            return try Tensor(shape: data.shape, scatter(old, new, integer))
        }
        if data.elementType.isInteger {
            let sums = scatter(try data.wholeNumbers(context), try updates.wholeNumbers(context), integer)
            return try context.tensor(data.elementType, data.shape, integers: sums)
        }
        let sums = scatter(try data.reals(context), try updates.reals(context), real)
        return try context.tensor(data.elementType, data.shape, reals: sums)
    }

    private func real(_ a: Double, _ b: Double) -> Double {
        switch self {
        case .none: b
        case .add: a + b
        case .mul: a * b
        case .max: Swift.max(a, b)
        case .min: Swift.min(a, b)
        }
    }

    private func integer<Number: FixedWidthInteger>(_ a: Number, _ b: Number) -> Number {
        switch self {
        case .none: b
        case .add: a &+ b
        case .mul: a &* b
        case .max: Swift.max(a, b)
        case .min: Swift.min(a, b)
        }
    }
}
