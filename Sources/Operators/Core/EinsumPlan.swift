import GraphIR

/// An Einsum equation applied to inputs of known rank: the axes that share an index, and the indices that are
/// summed over.
struct EinsumPlan {
    /// For each input the index of each axis, as a position in `extents`.
    let terms: [[Int]]
    /// The extents of all indices: first those of the output, in its order, then those that are summed over.
    let extents: [Dim]
    /// The number of indices that are summed over.
    let summed: Int

    var output: Shape { Shape(Array(extents.dropLast(summed))) }

    /// The index of an axis in an equation: a letter, or a position within `...`.
    private enum Index: Hashable {
        case letter(UInt8)
        case ellipsis(Int)
    }

    /// - Throws: `OperatorError` if the equation is malformed or does not fit the shapes.
    init(_ context: OperatorContext, _ equation: String, _ shapes: [Shape]) throws(OperatorError) {
        let text = equation.utf8.filter { $0 != UInt8(ascii: " ") }
        let (left, right) = EinsumPlan.sides(text)
        let written = left.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false)
        guard written.count == shapes.count else {
            throw context.error(
                .attribute, "equation \"\(equation)\" has \(written.count) terms for \(shapes.count) inputs")
        }
        var indices: [[Index]] = []
        var ellipsisRank: Int?
        for (term, shape) in zip(written, shapes) {
            let (letters, place) = try EinsumPlan.letters(context, term, equation)
            let rest = shape.rank - letters.count
            guard place == nil ? rest == 0 : rest >= 0 && ellipsisRank ?? rest == rest else {
                throw context.error(
                    .shape, "equation \"\(equation)\" does not fit an input of shape \(shape)")
            }
            if place != nil { ellipsisRank = rest }
            indices.append(EinsumPlan.term(letters, place, ellipsis: rest))
        }
        var results: [Index]
        if let right {
            let (letters, place) = try EinsumPlan.letters(context, right, equation)
            results = EinsumPlan.term(letters, place, ellipsis: ellipsisRank ?? 0)
        } else {
            let all = indices.joined().reduce(into: [:]) { $0[$1, default: 0] += 1 }
            let once = all.compactMap { index, count -> UInt8? in
                if case .letter(let letter) = index, count == 1 { letter } else { nil }
            }
            results = EinsumPlan.term(once.sorted(), 0, ellipsis: ellipsisRank ?? 0)
        }
        let outputRank = results.count
        var positions: [Index: Int] = [:]
        for (position, index) in results.enumerated() {
            guard positions.updateValue(position, forKey: index) == nil,
                indices.contains(where: { $0.contains(index) })
            else { throw context.error(.attribute, "the output of equation \"\(equation)\" is not possible") }
        }
        for index in indices.joined() where positions[index] == nil {
            positions[index] = results.count
            results.append(index)
        }
        terms = indices.map { $0.map { positions[$0] ?? 0 } }
        summed = results.count - outputRank
        var extents = [Dim](repeating: 1, count: results.count)
        for (term, shape) in zip(terms, shapes) {
            for (axis, index) in term.enumerated() {
                guard let extent = extents[index].broadcast(with: shape[axis]) else {
                    throw context.error(
                        .shape, "equation \"\(equation)\" does not fit an input of shape \(shape)")
                }
                extents[index] = extent
            }
        }
        self.extents = extents
    }

    /// The output's elements in row-major order: each is the sum, over the summed indices, of the product of
    /// the inputs' elements. O(product of all extents * inputs).
    func sums<Number>(
        _ extents: [Int], _ shapes: [[Int]], _ operands: [[Number]], zero: Number, one: Number,
        _ add: (Number, Number) -> Number, _ multiply: (Number, Number) -> Number
    ) -> [Number] {
        // The number of elements of each input from one value of an index to the next.
        let strides = zip(terms, shapes).map { term, shape in
            let own = rowMajorStrides(of: shape)
            return term.enumerated().reduce(into: [Int](repeating: 0, count: extents.count)) {
                strides, axis in
                if shape[axis.offset] != 1 { strides[axis.element] += own[axis.offset] }
            }
        }
        let outputRank = extents.count - summed
        let count = extents[..<outputRank].reduce(1, *)
        let terms = extents[outputRank...].reduce(1, *)
        var results = [Number](repeating: zero, count: count)
        guard terms > 0, count > 0 else { return results }
        var counter = [Int](repeating: 0, count: extents.count)
        var offsets = [Int](repeating: 0, count: operands.count)
        for position in 0..<(count * terms) {
            let product = operands.indices.reduce(one) { multiply($0, operands[$1][offsets[$1]]) }
            results[position / terms] = add(results[position / terms], product)
            // The next combination of indices, the last index first.
            for index in counter.indices.reversed() {
                counter[index] += 1
                for operand in offsets.indices { offsets[operand] += strides[operand][index] }
                if counter[index] < extents[index] { break }
                for operand in offsets.indices {
                    offsets[operand] -= strides[operand][index] * extents[index]
                }
                counter[index] = 0
            }
        }
        return results
    }

    // MARK: The equation's text

    /// The parts before and after `->`; nil for the second if there is no arrow.
    private static func sides(_ text: [UInt8]) -> (left: ArraySlice<UInt8>, right: ArraySlice<UInt8>?) {
        for place in text.indices.dropLast()
        where text[place] == UInt8(ascii: "-") && text[place + 1] == UInt8(ascii: ">") {
            return (text[..<place], text[(place + 2)...])
        }
        return (text[...], nil)
    }

    /// The letters of a term, and the number of them before its `...`; nil if it has none.
    private static func letters(_ context: OperatorContext, _ term: ArraySlice<UInt8>, _ equation: String)
        throws(OperatorError) -> (letters: [UInt8], ellipsis: Int?)
    {
        var letters: [UInt8] = []
        var ellipsis: Int?
        var rest = term
        while let byte = rest.first {
            switch byte {
            case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"):
                letters.append(byte)
                rest = rest.dropFirst()
            case UInt8(ascii: ".") where ellipsis == nil && rest.starts(with: "...".utf8):
                ellipsis = letters.count
                rest = rest.dropFirst(3)
            default: throw context.error(.attribute, "equation \"\(equation)\" cannot be read")
            }
        }
        return (letters, ellipsis)
    }

    private static func term(_ letters: [UInt8], _ place: Int?, ellipsis: Int) -> [Index] {
        let indices = letters.map(Index.letter)
        guard let place else { return indices }
        return indices[..<place] + (0..<ellipsis).map(Index.ellipsis) + indices[place...]
    }
}
