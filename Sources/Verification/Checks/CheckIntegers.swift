import GraphIR
import Operators
import Runtime

extension Verifier {
    /// Check 7: every integer that the network computes is the one that its definition gives.
    ///
    /// The graph is run, and then evaluated again by the operators' plain definitions, from integers to integers: each
    /// stretch starts from those of the run, so that errors do not accumulate. Where the real number that
    /// QuantizeLinear rounds lies within `IntegerTolerance.boundary` of the middle between two integers, another order
    /// of roundings may give the other one; everywhere else the integers have to be equal. QLinearConv and the other
    /// operators that round inside leave the order open: their integers may be one step apart.
    func checkIntegers(_ integers: Graph) throws -> VerificationCheck {
        let names = integers.nodes.filter(integers.computesIntegers).compactMap { node in
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
            guard integers.computesIntegers(node), let output = node.output(0),
                let found = run[integers[output].name]
            else { return results }
            let rounded = node.isOperator("QuantizeLinear") ? operands : nil
            tally.add(found, expected: results, of: rounded, at: integers[output].name)
            return [found]
        }
        if let problem = tally.problem { return check(.integers, .failed, problem) }
        var apart = tally.atBoundary == 0 ? "" : ", \(tally.atBoundary) one step apart at a boundary"
        if tally.inside > 0 { apart += ", \(tally.inside) one step apart by the order of roundings" }
        return check(
            .integers, .passed,
            "\(names.count) values, \(tally.count) integers: \(tally.equal) equal\(apart)",
            figures: [
                "values": Double(names.count), "integers": Double(tally.count), "equal": Double(tally.equal),
                "one_apart": Double(tally.atBoundary + tally.inside),
            ])
    }
}

extension Graph {
    /// Whether a node rounds its result to integers of 8 bits: QuantizeLinear, or an operator on quantised numbers.
    fileprivate func computesIntegers(_ node: Node) -> Bool {
        if node.isOperator("QuantizeLinear") { return true }
        guard OperatorRegistry.find(node) is any QuantizedOperator, node.outputs.count == 1,
            let type = node.output(0).flatMap({ self[$0].tensorType })
        else { return false }
        return type.elementType == .uint8 || type.elementType == .int8
    }
}
