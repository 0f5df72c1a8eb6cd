import GraphIR

/// The tolerance of check 7.
enum IntegerTolerance {
    /// So near the middle between two integers, in steps, rounding in another order may give either.
    static let boundary = 0.03
}

/// Counts how the integers of a run compare with those of the definition.
struct IntegerTally {
    private(set) var count = 0
    /// Integers that differ by 1 where the real number lies between both.
    private(set) var atBoundary = 0
    /// Integers that differ by 1 where the operator leaves the order of roundings open.
    private(set) var inside = 0
    /// The first integer that differs by more, or elsewhere.
    private(set) var problem: String?

    var equal: Int { count - atBoundary - inside }

    /// - Parameters:
    ///   - found: the run's integers.
    ///   - expected: the definition's.
    ///   - operands: of QuantizeLinear; nil for an operator that rounds inside.
    mutating func add(_ found: Tensor, expected: [Tensor], of operands: [Tensor?]?, at name: String) {
        guard problem == nil else { return }
        let rounded = operands.flatMap { operands in
            operands.count > 1
                ? operands[1]?.doubles?.first.flatMap { scale in operands[0]?.doubles?.map { abs($0 / scale) }
                }
                : nil
        }
        guard let theirs = expected.first, theirs.type == found.type, let mine = found.integers,
            let wanted = theirs.integers, operands == nil || rounded != nil
        else {
            problem = "\"\(name)\" has another shape or type"
            return
        }
        count += mine.count
        for (place, (integer, definition)) in zip(mine, wanted).enumerated() where integer != definition {
            let distance = rounded.map { abs($0[place] - $0[place].rounded(.down) - 0.5) }
            guard abs(integer - definition) == 1, distance ?? 0 <= IntegerTolerance.boundary else {
                let place = "\"\(name)\" element \(place) is \(integer), its definition gives \(definition)"
                problem =
                    place + (distance.map { " (\(text($0)) steps from the middle between two)" } ?? "")
                return
            }
            if operands == nil { inside += 1 } else { atBoundary += 1 }
        }
    }
}
