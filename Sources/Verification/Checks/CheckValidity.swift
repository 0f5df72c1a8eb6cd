import GraphIR
import Operators

extension Verifier {
    /// Check 1: the converted graph is valid, and its shapes are static.
    ///
    /// The certificate: every extent of every tensor is a number, apart from symbols that the source's inputs
    /// have (a batch `N` stays `N`) and multiples of those (the channels of all samples in one axis). Values that are not static in the source may stay so, and a MoD block's
    /// height and width may be as open as its input's.
    func checkValidity() throws -> VerificationCheck {
        let graph: Graph
        do {
            try SchemaCheck.validate(converted.graph)
            graph = try ShapeInference.infer(converted.graph)
        } catch let error as any DiagnosableError {
            return check(.validity, .failed, error.diagnostic.line)
        }
        let symbols = inputSymbols
        var (count, symbolic) = (0, 0)
        var offenders: [String] = []
        for node in graph.nodes {
            for case let output? in node.outputs {
                let value = graph[output]
                guard value.type == nil || value.tensorType != nil else { continue }
                count += 1
                if isStatic(value, symbols) || isFlattened(value, by: node, graph, symbols) {
                    if value.shape?.isStatic == false { symbolic += 1 }
                } else if !isInherited(value) && !isAsStaticAsBlock(value, graph) {
                    offenders.append("\(value.name): \(value.tensorType?.description ?? "unknown type")")
                }
            }
        }
        guard offenders.isEmpty else {
            return check(
                .validity, .failed, "\(offenders.count) of \(count) values are not static",
                details: offenders)
        }
        let batch = symbolic == 0 ? "all numbers" : "\(symbolic) with a symbolic batch"
        return check(.validity, .passed, "\(count) values, \(batch)", figures: ["values": Double(count)])
    }

    /// The symbols in the shapes of the source's inputs.
    private var inputSymbols: Set<String> {
        var symbols: Set<String> = []
        for input in source.graph.inputs {
            for case .symbol(let name)? in source.graph[input].shape?.dims.map(Optional.init) ?? [] {
                symbols.insert(name)
            }
        }
        return symbols
    }

    private func isStatic(_ value: Value, _ symbols: Set<String>) -> Bool {
        guard let dims = value.shape?.dims else { return false }
        return dims.allSatisfy { dim in
            switch dim {
            case .fixed: true
            case .symbol(let name): symbols.contains(name)
            case .unknown: false
            }
        }
    }

    /// Whether a Reshape makes one extent of the batch and others, as of N samples of C channels an axis of N * C. Its
    /// result may be quantised.
    private func isFlattened(_ value: Value, by node: Node, _ graph: Graph, _ symbols: Set<String>) -> Bool {
        if node.isQuantization, let real = node.input(0), let producer = graph.producer(of: real) {
            return value.shape == graph[real].shape && isFlattened(graph[real], by: producer, graph, symbols)
        }
        guard node.isOperator("Reshape"), let shape = value.shape,
            let input = node.input(0).map({ graph[$0] }), isStatic(input, symbols)
        else { return false }
        return shape.dims.first == .unknown && shape.dims.dropFirst().allSatisfy { $0.value != nil }
            && input.shape?.dims.dropFirst().allSatisfy { $0.value != nil } == true
    }

    /// Whether the value lies in a MoD block and leaves no extent open except the height and width that the
    /// block's input leaves open.
    private func isAsStaticAsBlock(_ value: Value, _ graph: Graph) -> Bool {
        guard
            let block = manifest?.blocks.first(where: {
                $0.values.output == value.name || value.name.hasPrefix("\($0.scope)/mod/")
            }), let input = graph.value(named: block.values.input)?.shape, let shape = value.shape,
            input.rank == 4, shape.rank == 4
        else { return false }
        return (0..<4).allSatisfy { axis in
            shape[axis].value != nil || shape[axis] == input[axis]
        }
    }

    /// Whether the source has the value too, and knows no more of its shape.
    private func isInherited(_ value: Value) -> Bool {
        guard let twin = source.graph.value(named: value.name) else { return false }
        guard let theirs = twin.shape?.dims else { return true }
        guard let mine = value.shape?.dims, mine.count == theirs.count else { return false }
        return zip(mine, theirs).allSatisfy { $0.value != nil || $0 == $1 }
    }
}
