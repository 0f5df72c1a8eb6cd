import GraphIR

/// Finds the nodes and values of two graphs that correspond.
///
/// Names count first: nodes match if they have the same operator and output name, and their types agree; a
/// value matches the value of its name, whatever computes it. The rest is matched by structure. Nodes match
/// if they have the same operator and read the same values, first with the same constants, then with
/// constants of the same shapes, then with any constants (such as a convolution that has absorbed its
/// normalisation). Nodes also match if they compute what matched nodes read. Then nodes of one operator match by
/// their own names, which tools keep that rename values. Last, nodes of different operators whose outputs have the
/// same name match as changed, unless one of them quantises or dequantises what the other computes.
///
/// O(nodes + edges) a round, at most `GraphMatching.roundLimit` rounds; the bytes of the constants that
/// unmatched nodes read are read once.
public struct GraphMatching: Sendable {
    /// The criterion by which two nodes were matched.
    public enum Basis: String, Sendable, Encodable { case name, structure }

    /// The graph whose nodes and values are looked up.
    public let left: Graph
    /// The graph that contains their counterparts.
    public let right: Graph
    /// The right graph's nodes, keyed by the left graph's. Constant nodes count as constants, not as nodes.
    public private(set) var nodes: [NodeID: NodeID] = [:]
    /// The criterion by which each matched node of the left graph was matched.
    public private(set) var basis: [NodeID: Basis] = [:]
    /// The right graph's values, keyed by the left graph's; constants are not among them.
    public private(set) var values: [ValueID: ValueID] = [:]

    let leftConstants: ConstantTable
    let rightConstants: ConstantTable
    private var matchedRight: Set<NodeID> = []
    private var matchedRightValues: Set<ValueID> = []

    /// Real pairs of graphs settle after two or three rounds.
    private static let roundLimit = 8

    /// Matches two graphs, whose types should be inferred.
    public init(_ left: Graph, _ right: Graph) {
        self.left = left
        self.right = right
        leftConstants = ConstantTable(left)
        rightConstants = ConstantTable(right)
        matchSignature()
        matchNames(sameOperator: true)
        for tier in StructuralKeys.Tier.allCases {
            if tier == .shapes { matchValueNames() }
            for _ in 0..<GraphMatching.roundLimit {
                let count = nodes.count
                matchForward(tier)
                matchBackward()
                if nodes.count == count { break }
            }
        }
        matchNodeNames()
        matchNames(sameOperator: false)
    }

    // MARK: Names

    /// Graph inputs and outputs correspond by name, or by position if both graphs have the same number of
    /// them.
    private mutating func matchSignature() {
        let inputs = (
            left.inputs.filter { leftConstants[$0] == nil },
            right.inputs.filter { rightConstants[$0] == nil }
        )
        for (mine, theirs) in [inputs, (left.outputs, right.outputs)] {
            let candidates = Set(theirs)
            for id in mine {
                guard let twin = right.value(named: left[id].name), candidates.contains(twin.id) else {
                    continue
                }
                matchValues(id, twin.id)
            }
            guard mine.count == theirs.count else { continue }
            for (a, b) in zip(mine, theirs) { matchValues(a, b) }
        }
    }

    private mutating func matchNames(sameOperator: Bool) {
        for node in leftConstants.computingNodes where nodes[node.id] == nil {
            for case let output? in node.outputs {
                guard let twin = right.value(named: left[output].name),
                    let other = right.producer(of: twin.id),
                    rightConstants[twin.id] == nil, !matchedRight.contains(other.id),
                    sameOperator
                        ? isSameOperator(node, other) && typesAgree(left[output], twin)
                        : node.isQuantization == other.isQuantization
                else { continue }
                match(node, other, .name)
                break
            }
        }
    }

    /// Matches nodes of the same name and operator.
    private mutating func matchNodeNames() {
        let candidates = Dictionary(
            rightConstants.computingNodes.lazy.filter { !$0.name.isEmpty }.map { ($0.name, $0) },
            uniquingKeysWith: { first, _ in first })
        for node in leftConstants.computingNodes where nodes[node.id] == nil {
            guard let other = candidates[node.name], !matchedRight.contains(other.id),
                isSameOperator(node, other)
            else { continue }
            match(node, other, .name)
        }
    }

    /// Matches computed values of the same name, whatever nodes compute them.
    private mutating func matchValueNames() {
        for node in leftConstants.computingNodes {
            for case let output? in node.outputs {
                guard let twin = right.value(named: left[output].name), case .node = twin.definition,
                    typesAgree(left[output], twin)
                else { continue }
                matchValues(output, twin.id)
            }
        }
    }

    private func typesAgree(_ a: Value, _ b: Value) -> Bool {
        guard let mine = a.tensorType, let theirs = b.tensorType else { return true }
        return mine.merged(with: theirs) != nil
    }

    // MARK: Structure

    /// Matches nodes of one operator that read corresponding values.
    private mutating func matchForward(_ tier: StructuralKeys.Tier) {
        var keys = (left: StructuralKeys(leftConstants, tier), right: StructuralKeys(rightConstants, tier))
        // The candidates of one key; the first of the right graph comes last.
        var candidates: [StructuralKeys.Key: [Node]] = [:]
        for node in rightConstants.computingNodes.reversed() where !matchedRight.contains(node.id) {
            guard let key = keys.right.key(of: node, mapping: { $0 }) else { continue }
            candidates[key, default: []].append(node)
        }
        for node in leftConstants.computingNodes where nodes[node.id] == nil {
            guard let key = keys.left.key(of: node, mapping: { values[$0] }),
                let twin = candidates[key]?.popLast()
            else { continue }
            match(node, twin, .structure)
        }
    }

    /// Matches the nodes that compute what matched nodes read, and what the graphs return.
    private mutating func matchBackward() {
        for node in leftConstants.computingNodes.reversed() {
            if nodes[node.id] == nil {
                for case let output? in node.outputs {
                    guard let twin = values[output], let other = right.producer(of: twin),
                        !matchedRight.contains(other.id), isSameOperator(node, other)
                    else { continue }
                    match(node, other, .structure)
                    break
                }
            }
            guard let twin = nodes[node.id].map({ right[$0] }) else { continue }
            for case (let mine?, let theirs?) in zip(node.inputs, twin.inputs)
            where leftConstants[mine] == nil && rightConstants[theirs] == nil {
                guard let a = left.producer(of: mine), let b = right.producer(of: theirs),
                    nodes[a.id] == nil, isSameOperator(a, b)
                else { continue }
                matchValues(mine, theirs)
            }
        }
    }

    // MARK: Pairs

    private func isSameOperator(_ a: Node, _ b: Node) -> Bool {
        a.operatorType == b.operatorType && a.domain == b.domain
    }

    private mutating func match(_ node: Node, _ other: Node, _ basis: Basis) {
        nodes[node.id] = other.id
        self.basis[node.id] = basis
        matchedRight.insert(other.id)
        for case (let mine?, let theirs?) in zip(node.outputs, other.outputs) { matchValues(mine, theirs) }
    }

    /// Matches two values, unless one of them has a counterpart already.
    private mutating func matchValues(_ mine: ValueID, _ theirs: ValueID) {
        guard values[mine] == nil, leftConstants[mine] == nil, rightConstants[theirs] == nil,
            matchedRightValues.insert(theirs).inserted
        else { return }
        values[mine] = theirs
    }

    /// Whether the right graph's node has a counterpart.
    func isMatched(right node: NodeID) -> Bool { matchedRight.contains(node) }
}
