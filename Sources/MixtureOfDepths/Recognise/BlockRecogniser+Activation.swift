import GraphIR

extension BlockRecogniser {
    /// Recognises an activation made of several nodes, which is how exporters write one that has no operator.
    ///
    ///     x -+--> Sigmoid ------------------> Mul -> y              (SiLU)
    ///        \---------------------------------/
    ///     x -+--> Div -> Erf -> Add(1) --> Mul --> Mul(0.5) -> y    (GELU)
    ///        \------------------------------/
    ///
    /// Conditions:
    /// 1. `node` has two computed operands, and both come from one value through elementwise functions;
    /// 2. every constant on the way is a scalar;
    /// 3. it has at most `longestActivation` nodes.
    func compositeActivation(endingAt node: Node) -> Step? {
        guard let operands = elementwiseOperands(of: node), operands.count > 1 else { return nil }
        var nodes: Set<NodeID> = [node.id]
        var open = Set(operands)
        // The value from which all branches start is defined before everything between. So it is the value
        // that remains after the latest open value is replaced by its operands again and again.
        while open.count > 1 {
            let producers = open.compactMap { graph.producer(of: $0) }
            // Two values that no node computes come from no common one.
            guard producers.count >= open.count - 1,
                let latest = producers.max(by: { place(of: $0) < place(of: $1) }),
                let value = latest.output(0),
                open.remove(value) != nil, let inputs = elementwiseOperands(of: latest),
                nodes.insert(latest.id).inserted, nodes.count <= BlockRecogniser.longestActivation
            else { return nil }
            open.formUnion(inputs)
        }
        guard let input = open.first else { return nil }
        return Step(nodes: nodes.sorted { place(of: graph[$0]) < place(of: graph[$1]) }, input: input)
    }

    /// The activation that is the only reader of a value: one node, or several that form one activation.
    func activation(after value: ValueID) -> (nodes: [NodeID], output: ValueID)? {
        if let node = graph.soleConsumer(of: value) {
            guard isActivation(node), node.input(0) == value, let output = node.output(0) else { return nil }
            return ([node.id], output)
        }
        let readers = graph[value].uses
        guard !graph[value].isGraphOutput, readers.allSatisfy({ $0.position != nil }) else { return nil }
        // Following the readers forward finds the last node: the first one that joins them all.
        var open = graph.consumers(of: value).sorted { place(of: $0) < place(of: $1) }
        for _ in 0..<BlockRecogniser.longestActivation where !open.isEmpty {
            let node = open.removeFirst()
            guard let output = node.output(0) else { return nil }
            if let step = compositeActivation(endingAt: node), step.input == value,
                readers.allSatisfy({ step.nodes.contains($0.node) })
            {
                return (step.nodes, output)
            }
            open.append(contentsOf: graph.consumers(of: output))
        }
        return nil
    }

    /// The tanh formula of GELU has 8 nodes.
    private static let longestActivation = 12

    /// The node's place in topological order.
    func place(of node: Node) -> Int { places[node.id] ?? -1 }

    /// The computed inputs of an elementwise function whose constants are scalars; nil for other nodes.
    private func elementwiseOperands(of node: Node) -> [ValueID]? {
        guard node.domain.isEmpty, node.outputs.count == 1,
            isActivation(node) || BlockRecogniser.arithmetic.contains(node.operatorType),
            node.inputs.allSatisfy({ input in graph.constant(input).map { $0.elementCount == 1 } ?? true })
        else { return nil }
        return node.inputs.compactMap { $0 }.filter(isComputed)
    }

    /// Whether a node is an activation, or an elementwise part of one that has several nodes.
    public static func isElementwise(_ node: Node) -> Bool {
        node.domain.isEmpty
            && (activations.contains(node.operatorType) || arithmetic.contains(node.operatorType))
    }

    /// The operators besides activations that an activation of several nodes is made of.
    static let arithmetic: Set<String> = [
        "Add", "Sub", "Mul", "Div", "Pow", "Erf", "Exp", "Sqrt", "Min", "Max",
    ]
}
