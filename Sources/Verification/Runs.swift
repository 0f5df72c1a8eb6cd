import GraphIR
import MixtureOfDepths
import Runtime

/// Runs of both graphs on the same inputs, with their inner values, as far as the graphs can be run.
struct Runs {
    struct Sample {
        let inputs: [String: Tensor]
        let source: [String: Tensor]
        let converted: [String: Tensor]
    }

    let samples: [Sample]
    /// The graph outputs that both graphs compute.
    let outputs: [String]
    /// The values before the first MoD block that both graphs have and compute, in topological order.
    let sharedPrefix: [String]
    /// Whether both graphs have further such values, which cannot be computed.
    let isPrefixCut: Bool
    /// The MoD blocks that can be run.
    let blocks: [MoDBlock]
    let sourceReach: Reach
    let reach: Reach
    /// Runs the converted graph, with any batch if `takesAnyBatch`.
    let session: Session
    let takesAnyBatch: Bool

    /// Runs the source on all samples, then the converted graph: only one of the two holds packed weights at
    /// a time.
    ///
    /// The converted graph has to run as far as the source does. It may give up nodes that fail only if the
    /// source has such nodes too, and none inside a MoD block.
    init(_ verifier: Verifier) throws {
        let (source, converted) = (verifier.source.graph, verifier.converted.graph)
        let manifest = verifier.manifest
        for name in manifest?.blocks.flatMap(\.values.all) ?? [] where converted.value(named: name) == nil {
            throw VerificationError.manifest("names a value \"\(name)\" that the graph does not have")
        }
        let options = verifier.options
        let inputs =
            try options.inputs
            ?? (0..<options.samples).map {
                try SeededInputs.tensors(for: converted, batch: 1, seed: options.seed, index: $0)
            }
        let prefix = Runs.sharedPrefix(source, converted, manifest)
        let names = converted.outputs.map { converted[$0].name }
        var (sourceReach, reach) = (Reach(source), Reach(converted))
        let wanted = names.filter(reach.reaches)
        var hasFailure = false
        let before = try Runs.tables(
            source, &sourceReach, wanted, taps: prefix.filter(reach.reaches), inputs, options
        ) { _ in
            hasFailure = true
            return true
        }
        let batched = try BatchedGraph(converted, manifest?.blocks ?? [])
        takesAnyBatch = batched?.isOne == true
        let runnable = batched.flatMap { $0.isOne ? $0.together : nil } ?? converted
        let blockValues = manifest?.blocks.flatMap(\.values.all) ?? []
        let after = try Runs.tables(
            runnable, &reach, wanted.filter(sourceReach.reaches),
            taps: unique(prefix.filter(sourceReach.reaches) + blockValues), inputs, options
        ) { node in
            hasFailure && !Runs.isInsideBlock(node, of: converted, manifest)
        }
        session = after.session
        samples = zip(inputs, zip(before.tables, after.tables)).map {
            Sample(inputs: $0, source: $1.0, converted: $1.1)
        }
        func isComputed(_ name: String) -> Bool { sourceReach.reaches(name) && reach.reaches(name) }
        outputs = wanted.filter(isComputed)
        sharedPrefix = prefix.filter(isComputed)
        isPrefixCut = sharedPrefix.count < prefix.count
        blocks = manifest?.blocks.filter { $0.values.all.allSatisfy(reach.reaches) } ?? []
        (self.sourceReach, self.reach) = (sourceReach, reach)
    }

    /// Runs a graph on all inputs. Nodes that fail are given up while `mayGiveUp` allows it.
    private static func tables(
        _ graph: Graph, _ reach: inout Reach, _ outputs: [String], taps: [String],
        _ inputs: [[String: Tensor]], _ options: VerificationOptions, mayGiveUp: (Node) -> Bool
    ) throws -> (tables: [[String: Tensor]], session: Session) {
        while true {
            do {
                let session = try Session(
                    graph,
                    options: SessionOptions(
                        threads: options.threads, outputs: outputs.filter(reach.reaches), isExact: true,
                        limits: options.limits))
                let reached = taps.filter(reach.reaches)
                return (try inputs.map { try session.table($0, taps: reached) }, session)
            } catch {
                guard let node = reach.giveUp(after: error), mayGiveUp(node) else { throw error }
            }
        }
    }

    /// The values before any MoD block that both graphs compute under the same name and shape.
    private static func sharedPrefix(_ source: Graph, _ converted: Graph, _ manifest: Manifest?) -> [String] {
        var touched = Set(manifest?.blocks.map(\.values.output) ?? [])
        // A projection is fitted together with its block's body.
        for case .value(let shortcut)? in manifest?.blocks.map(\.values.shortcut) ?? [] {
            touched.insert(shortcut)
        }
        var names: [String] = []
        for node in converted.nodes {
            let isTouched = (node.inputs + node.captures).contains { input in
                input.map { touched.contains(converted[$0].name) } ?? false
            }
            for case let output? in node.outputs {
                let value = converted[output]
                if isTouched || touched.contains(value.name) || isInsideBlock(value.name, manifest) {
                    touched.insert(value.name)
                } else if let twin = source.value(named: value.name), twin.constant == nil,
                    twin.shape?.rank == value.shape?.rank
                {
                    names.append(value.name)
                }
            }
        }
        return names
    }

    /// Whether the node computes a value of a MoD block.
    static func isInsideBlock(_ node: Node, of graph: Graph, _ manifest: Manifest?) -> Bool {
        node.outputs.contains { output in
            output.map { isInsideBlock(graph[$0].name, manifest) } ?? false
        }
    }

    private static func isInsideBlock(_ name: String, _ manifest: Manifest?) -> Bool {
        manifest?.blocks.contains { $0.values.output == name || name.hasPrefix("\($0.scope)/mod/") } ?? false
    }
}

func unique(_ names: [String]) -> [String] {
    var seen: Set<String> = []
    return names.filter { seen.insert($0).inserted }
}

extension Session {
    /// The results of a run by name.
    func table(_ inputs: [String: Tensor], taps: [String] = []) throws -> [String: Tensor] {
        Dictionary(
            try run(inputs, taps: taps).map { ($0.name, $0.tensor) }, uniquingKeysWith: { first, _ in first })
    }
}
