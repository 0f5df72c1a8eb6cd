import Comparison
import GraphIR
import Operators
import Passes

/// The results of the passes on a model.
public struct OptimizationReport: JSONDocument, Sendable {
    public static let schema = "optimization/1"

    /// The size and costs of a graph.
    public struct Totals: Encodable, Sendable {
        let nodes: Int
        let operators: [String: Int]
        let params: Int
        let macs: Int
        /// The nodes that `macs` leaves out; nil if there are none.
        let notCounted: MACCount.Omission?
        let constants: Int
        let constantBytes: Int
        /// The bytes of the model file, without external data.
        let fileBytes: Int

        /// - Parameters:
        ///   - graph: the graph, with all shapes inferred.
        ///   - canonical: the same graph in canonical form, which knows the shapes that `graph` computes: its
        ///     multiply-accumulates are counted.
        public init(_ graph: Graph, canonical: Graph, fileBytes: Int) {
            let count = MACCount(graph)
            nodes = graph.order.count
            operators = graph.nodes.reduce(into: [:]) { $0[$1.operatorType, default: 0] += 1 }
            params = count.totalParameters
            let costs = MACCount(canonical)
            macs = costs.total(.strict)
            notCounted = costs.omission
            constants = graph.initializers.reduce(0) { count, _ in count + 1 }
            constantBytes = graph.initializers.reduce(0) { $0 + ($1.initializer?.bytes.count ?? 0) }
            self.fileBytes = fileBytes
        }
    }

    /// The changes made by one pass.
    struct PassChange: Encodable {
        let pass: String
        /// The number of rounds in which the pass changed something.
        let rounds: Int
        let nodesRemoved: Int
    }

    struct Check: Encodable {
        let samples: Int
        let batch: Int
        /// The shapes of the inputs, by name, if the model leaves more than the batch open.
        let shapes: [String: [Int]]?
        let seed: UInt64
        let outputs: [Equivalence.Output]

        /// The batch, or the shapes of all inputs.
        var inputs: String {
            guard let shapes else { return "batch \(batch)" }
            let list = shapes.sorted { $0.key < $1.key }.map { "\($0.key)=\(Shape($0.value))" }
            return "shape " + list.joined(separator: ", ")
        }
    }

    let source: String
    let output: String
    let before: Totals
    let after: Totals
    let convention: String
    let passes: [PassChange]
    /// Whether another run would change nothing.
    let isFixedPoint: Bool
    /// Nil if the user did not ask for it.
    let check: Check?
    let notes: [String]

    /// A report of the passes' changes, with both graphs' totals.
    public init(
        source: String, output: String, before: Totals, after: Totals, result: PipelineResult,
        check: Equivalence?, notes: [String]
    ) {
        self.source = source
        self.output = output
        self.before = before
        self.after = after
        convention = MACCount.Convention.strict.text
        var names: [String] = []
        for change in result.changes where !names.contains(change.pass) { names.append(change.pass) }
        passes = names.map { name in
            let changes = result.changes.filter { $0.pass == name }
            return PassChange(
                pass: name, rounds: changes.count,
                nodesRemoved: changes.reduce(0) { $0 + $1.nodesBefore - $1.nodesAfter })
        }
        isFixedPoint = result.isFixedPoint
        self.check = check.map {
            Check(
                samples: $0.samples, batch: $0.batch, shapes: $0.shapes, seed: $0.seed, outputs: $0.outputs)
        }
        self.notes = notes
    }

    /// The text that the command prints.
    public var text: String {
        [totalsTable, passTable, facts].filter { !$0.isEmpty }.joined(separator: "\n")
    }

    private var totalsTable: String {
        var table = TextTable([("", .left), ("before", .right), ("after", .right), ("saved", .right)])
        func add(_ name: String, _ old: Int, _ new: Int, _ quantity: (Int) -> String) {
            table.add([name, quantity(old), quantity(new), Quantity.share(old - new, of: old)])
        }
        let names = Set(before.operators.keys).union(after.operators.keys)
        for name in names.sorted(by: { (before.rank($1), $0) < (before.rank($0), $1) }) {
            add(name, before.operators[name] ?? 0, after.operators[name] ?? 0) { "\($0)" }
        }
        add("nodes", before.nodes, after.nodes) { "\($0)" }
        add("constants", before.constants, after.constants) { "\($0)" }
        add("constants' bytes", before.constantBytes, after.constantBytes, Quantity.bytes)
        add("file", before.fileBytes, after.fileBytes, Quantity.bytes)
        add("params", before.params, after.params, Quantity.count)
        add("MACs", before.macs, after.macs, Quantity.count)
        return table.text
    }

    private var passTable: String {
        guard !passes.isEmpty else { return "No pass found anything to do.\n" }
        var table = TextTable([("pass", .left), ("rounds", .right), ("nodes", .right)])
        for pass in passes {
            table.add([pass.pass, "\(pass.rounds)", Quantity.signed(-pass.nodesRemoved)])
        }
        return table.text
    }

    private var facts: String {
        var facts = FactList()
        facts.add("convention", convention)
        if let omission = after.notCounted ?? before.notCounted {
            facts.add("", "MACs + ?: \(omission.text)")
        }
        if let check {
            let runs = check.samples == 1 ? "1 seeded input" : "\(check.samples) seeded inputs"
            facts.add("check", "\(runs) of \(check.inputs), seed \(check.seed)")
            for output in check.outputs {
                facts.add(
                    "",
                    "output \"\(output.name)\": relative difference \(Quantity.error(output.relative)), "
                        + "tolerance \(Quantity.error(output.tolerance))")
            }
        } else {
            facts.add("check", "not made")
        }
        facts.add("written", output)
        for note in notes { facts.add("note", note) }
        return facts.text
    }
}

extension OptimizationReport.Totals {
    /// How often an operator occurs in the graph.
    fileprivate func rank(_ name: String) -> Int { operators[name] ?? 0 }
}

/// The passes of a pipeline.
public struct PassListReport: JSONDocument, Sendable {
    public static let schema = "passes/1"

    struct Entry: Encodable {
        let name: String
        let summary: String
    }

    let passes: [Entry]

    /// The passes of a pipeline, in order.
    public init(_ pipeline: Pipeline) {
        passes = pipeline.passes.map { Entry(name: $0.name, summary: $0.summary) }
    }

    /// The passes in the order in which they run.
    public var text: String {
        var table = TextTable([("pass", .left), ("what it does", .left)])
        for pass in passes { table.add([pass.name, pass.summary]) }
        return table.text
    }
}
