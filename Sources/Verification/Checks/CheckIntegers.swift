import GraphIR
import Operators
import Runtime

extension Verifier {
    /// Check 7: every integer that the network computes is the one that its definition gives.
    ///
    /// The graph is run, and then evaluated again by the operators' plain definitions, from QuantizeLinear to
    /// QuantizeLinear: each stretch starts from the integers of the run, so that errors do not accumulate. Where the
    /// real number lies within `IntegerTolerance.boundary` of the middle between two integers, another order of
    /// roundings may give the other one; everywhere else the integers have to be equal.
    func checkIntegers(_ integers: Graph) throws -> VerificationCheck {
        let names = integers.nodes.filter { $0.isOperator("QuantizeLinear") }.compactMap { node in
            node.output(0).map { integers[$0].name }
        }
        let reach = Reach(integers)
        guard names.allSatisfy(reach.reaches) else {
            return check(
                .integers, .notApplicable, reach.boundary.map { "stops at \($0.text)" } ?? "cannot be run")
        }
        let inputs =
            try options.inputs?.first
            ?? SeededInputs.tensors(for: integers, batch: 1, seed: options.seed, index: 0)
        let session = try Session(
            integers, options: SessionOptions(threads: options.threads, isExact: true, limits: options.limits)
        )
        let run = try session.table(inputs, taps: names)
        var tally = IntegerTally()
        _ = try ReferenceEvaluator.run(integers, inputs: inputs) { node, operands, results in
            guard node.isOperator("QuantizeLinear"), let output = node.output(0),
                let found = run[integers[output].name]
            else { return results }
            try tally.add(found, expected: results, of: operands, at: integers[output].name)
            return [found]
        }
        if let problem = tally.problem { return check(.integers, .failed, problem) }
        let apart = tally.oneApart == 0 ? "" : ", \(tally.oneApart) one step apart at a boundary"
        return check(
            .integers, .passed,
            "\(names.count) values, \(tally.count) integers: \(tally.equal) equal\(apart)",
            figures: [
                "values": Double(names.count), "integers": Double(tally.count), "equal": Double(tally.equal),
                "one_apart": Double(tally.oneApart),
            ])
    }
}

/// The tolerance of check 7.
enum IntegerTolerance {
    /// So near the middle between two integers, in steps, rounding in another order may give either.
    static let boundary = 0.03
}

/// Counts how the integers of a run compare with those of the definition.
private struct IntegerTally {
    private(set) var count = 0
    private(set) var equal = 0
    /// Integers that differ by 1 where the real number lies between both.
    private(set) var oneApart = 0
    /// The first integer that differs by more, or elsewhere.
    private(set) var problem: String?

    /// - Parameters:
    ///   - found: the run's integers.
    ///   - expected: the definition's.
    ///   - operands: of QuantizeLinear.
    mutating func add(_ found: Tensor, expected: [Tensor], of operands: [Tensor?], at name: String) throws {
        guard problem == nil else { return }
        guard let theirs = expected.first, theirs.type == found.type, let mine = found.integers,
            let wanted = theirs.integers, operands.count > 1, let real = operands[0]?.doubles,
            let scale = operands[1]?.doubles?.first
        else {
            problem = "\"\(name)\" has another shape or type"
            return
        }
        count += mine.count
        for (place, (integer, definition)) in zip(mine, wanted).enumerated() where integer != definition {
            let steps = abs(real[place] / scale)
            let distance = abs(steps - steps.rounded(.down) - 0.5)
            guard abs(integer - definition) == 1, distance <= IntegerTolerance.boundary else {
                problem =
                    "\"\(name)\" element \(place) is \(integer), its definition gives \(definition) "
                    + "(\(text(distance)) steps from the middle between two)"
                return
            }
            oneApart += 1
        }
        equal = count - oneApart
    }
}
