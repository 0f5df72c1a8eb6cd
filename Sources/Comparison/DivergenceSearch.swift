import GraphIR
import Verification

/// Finds the first value in which two computations of a model differ.
///
/// The values are compared in windows, each of as many values as fit a memory budget, so the inner values of
/// a large model are never all held at once. With several windows the search bisects: a window without a
/// divergent value sends it to later ones, a window with one to earlier ones. This takes log2(windows) + 1
/// runs, and assumes that a difference does not disappear over a whole window. If it finds none, all windows
/// are compared: a part never proves that nothing diverges.
public struct DivergenceSearch: Sendable {
    /// The allowed differences of values, and the number of values held at one time.
    public struct Options: Sendable {
        /// The allowed difference, relative to the values' largest magnitude; nil for the default of each
        /// type.
        public var tolerance: Double?
        /// The size in bytes of the values of one window.
        public var windowBytes: Int

        /// Options with a tolerance for all values (nil for each type's own) and a window of values in bytes.
        public init(tolerance: Double? = nil, windowBytes: Int = 256 << 20) {
            self.tolerance = tolerance
            self.windowBytes = windowBytes
        }

        /// 1e-4 for float and double: fp32 arithmetic in another order; 1e-2 for half precision.
        public static func defaultTolerance(_ type: ElementType) -> Double {
            switch type {
            case .float16, .bfloat16: 1e-2
            default: 1e-4
            }
        }
    }

    /// The result of the search.
    public struct Result: Sendable {
        /// The number of values that both have.
        public let pairs: Int
        /// The number of pairs whose names differ.
        public let structuralPairs: Int
        /// The comparisons of the examined windows, in topological order.
        public let comparisons: [ValueComparison]
        /// The number of windows.
        public let windows: Int
        /// The number of runs of each side.
        public let runs: Int
        /// The first divergent value.
        public let first: ValueComparison?
        /// Of the values that the first divergent value's node reads, those that both have.
        public let inputsOfFirst: [ValueComparison]
        /// The computed values that it reads and that only the model has; they cannot be compared.
        public let unmatchedInputs: [String]
        /// The comparisons of the graph's outputs.
        public let outputs: [ValueComparison]
    }

    private let model: RunningModel
    private let other: any ValueSource
    private let pairs: [ValuePair]
    private let options: Options

    /// A search among `pairs`, in topological order, of the values of `model` and `other`.
    public init(
        _ model: RunningModel, _ other: any ValueSource, pairs: [ValuePair], options: Options = Options()
    ) {
        self.model = model
        self.other = other
        self.pairs = pairs
        self.options = options
    }

    /// Runs both sides as often as necessary.
    ///
    /// - Throws: `DivergenceError.nothingInCommon` if there is nothing to compare; any error of running.
    public func run() throws -> Result {
        guard !pairs.isEmpty else { throw DivergenceError.nothingInCommon }
        let windows = windows()
        var compared: [Int: [ValueComparison]] = [:]
        func isClean(_ window: Int) throws -> Bool {
            let comparisons = try compared[window] ?? compare(Array(pairs[windows[window]]))
            compared[window] = comparisons
            return !comparisons.contains(where: \.isDivergent)
        }
        var (low, high) = (0, windows.count)
        while low < high {
            let middle = low + (high - low) / 2
            if try isClean(middle) { low = middle + 1 } else { high = middle }
        }
        if low == windows.count {
            for window in windows.indices where try !isClean(window) {
                low = window
                break
            }
        }
        var runs = compared.count
        let first = compared[low]?.first(where: \.isDivergent)
        let known = compared.values.joined()
        let knownNames = Set(known.map(\.name))
        func comparisons(_ names: [String]) throws -> [ValueComparison] {
            let wanted = Set(names).subtracting(knownNames)
            let missing = pairs.filter { wanted.contains($0.name) }
            let new = missing.isEmpty ? [] : try compare(missing)
            runs += missing.isEmpty ? 0 : 1
            let table = Dictionary(
                (Array(known) + new).map { ($0.name, $0) }, uniquingKeysWith: { a, _ in a })
            return names.compactMap { table[$0] }
        }
        let outputs = try comparisons(model.graph.outputs.map { model.graph[$0].name })
        let inputNames = first.map { self.inputs(of: $0.name) } ?? []
        let inputs = try comparisons(inputNames)
        let unmatched = Set(inputNames).subtracting(inputs.map(\.name))
        return Result(
            pairs: pairs.count, structuralPairs: pairs.count(where: \.isStructural),
            comparisons: compared.sorted { $0.key < $1.key }.flatMap(\.value), windows: windows.count,
            runs: runs, first: first, inputsOfFirst: inputs,
            unmatchedInputs: inputNames.filter(unmatched.contains), outputs: outputs)
    }

    /// The computed values that the node of a value reads, each once.
    private func inputs(of name: String) -> [String] {
        guard let value = model.graph.value(named: name), let node = model.graph.producer(of: value.id)
        else { return [] }
        var seen: Set<ValueID> = []
        return node.inputs.compactMap { $0 }
            .filter { model.graph.producer(of: $0) != nil && seen.insert($0).inserted }
            .map { model.graph[$0].name }
    }

    // MARK: Windows

    /// Ranges of pairs whose values fit the budget; each has at least one pair.
    private func windows() -> [Range<Int>] {
        var ranges: [Range<Int>] = []
        var (start, bytes) = (0, 0)
        let batch = model.inputs.values.compactMap(\.shape.first).max() ?? 1
        for (index, pair) in pairs.enumerated() {
            let size = size(of: pair, batch: batch)
            if index > start, size > options.windowBytes - min(bytes, options.windowBytes) {
                ranges.append(start..<index)
                (start, bytes) = (index, 0)
            }
            bytes += min(size, options.windowBytes)
        }
        return ranges + [start..<pairs.count]
    }

    /// The bytes of a value on both sides, with `batch` for unknown extents.
    private func size(of pair: ValuePair, batch: Int) -> Int {
        guard let type = model.graph.value(named: pair.name)?.tensorType, let shape = type.shape else {
            return DivergenceSearch.unknownSize
        }
        guard let count = Shape.elementCount(of: shape.dims.map { $0.value ?? batch }),
            let size = type.elementType.byteCount(of: count), size <= Int.max / 2
        else { return DivergenceSearch.unknownSize }
        return 2 * size
    }

    /// The assumed size of a value of unknown size.
    private static let unknownSize = 16 << 20

    // MARK: Values

    private func compare(_ pairs: [ValuePair]) throws -> [ValueComparison] {
        let mine = try model.values(named: pairs.map(\.name))
        let theirs = try other.values(named: pairs.map(\.otherName))
        return pairs.compactMap { pair in
            guard let value = mine[pair.name], let reference = theirs[pair.otherName] else { return nil }
            return comparison(pair, value, reference)
        }
    }

    private func comparison(_ pair: ValuePair, _ value: Tensor, _ reference: Tensor) -> ValueComparison {
        let node = model.graph.value(named: pair.name).flatMap { model.graph.producer(of: $0.id) }
        let difference = Difference(value, from: reference)
        return ValueComparison(
            name: pair.name, otherName: pair.otherName, node: node.map(model.graph.label(of:)) ?? "",
            operatorType: node?.operatorType ?? "", type: value.type, difference: difference,
            unitsInLastPlace: UnitsInLastPlace.largest(value, reference),
            tolerance: options.tolerance ?? Options.defaultTolerance(value.elementType),
            problem: difference == nil ? "is \(value.type) here and \(reference.type) there" : nil)
    }
}

/// A comparison that cannot be done.
public enum DivergenceError: DiagnosableError, Equatable {
    case nothingInCommon

    public var diagnostic: Diagnostic {
        switch self {
        case .nothingInCommon:
            Diagnostic(
                .badData, problem: "the two have no value in common",
                remedy: "compare two forms of one model, or a dump of this model's values")
        }
    }
}
