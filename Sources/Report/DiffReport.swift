import GraphDiff
import GraphIR

/// The differences of two models, as a table and as JSON.
public struct DiffReport: JSONDocument, Sendable {
    public static let schema = "diff/1"

    struct Change: Encodable {
        let kind: String
        /// The change in words.
        let text: String
    }

    struct ChangedNode: Encodable {
        let left: ModelDiff.NodeReference
        let right: ModelDiff.NodeReference
        let matchedBy: GraphMatching.Basis
        let changes: [Change]
    }

    struct Rename: Encodable {
        let left: String
        let right: String
    }

    let left: String
    let right: String
    /// Whether nothing differs.
    public let equal: Bool
    let tolerance: Double
    let leftNodes: Int
    let rightNodes: Int
    let matchedByName: Int
    let matchedByStructure: Int
    let interface: [ModelDiff.InterfaceChange]
    let removed: [ModelDiff.NodeReference]
    let added: [ModelDiff.NodeReference]
    let changed: [ChangedNode]
    let renamed: [Rename]

    /// A report on the difference of two files.
    public init(_ diff: ModelDiff, left: String, right: String) {
        self.left = left
        self.right = right
        equal = diff.isEmpty
        tolerance = diff.tolerance
        leftNodes = diff.leftNodes
        rightNodes = diff.rightNodes
        matchedByName = diff.matchedByName
        matchedByStructure = diff.matchedByStructure
        interface = diff.interface
        removed = diff.removed
        added = diff.added
        changed = diff.changed.map { node in
            ChangedNode(
                left: node.left, right: node.right, matchedBy: node.basis,
                changes: node.changes.map { Change(kind: $0.kind, text: $0.text) })
        }
        renamed = diff.renamed.map { Rename(left: $0.left, right: $0.right) }
    }

    /// The text of the differences, the interface's first, and of how the nodes were matched.
    ///
    /// - Parameter detailed: whether to list values that only changed their names, too.
    public func text(detailed: Bool, _ style: TextStyle = .plain) -> String {
        [interfaceTable, nodeTable(style), detailed ? renameTable : "", facts].filter { !$0.isEmpty }
            .joined(separator: "\n")
    }

    /// The differences in one line.
    public var summary: String {
        let parts = [
            (interface.count, "interface"), (removed.count, "removed"), (added.count, "added"),
            (changed.count, "changed"),
        ]
        return parts.filter { $0.0 > 0 }.map { "\($0.0) \($0.1)" }.joined(separator: ", ")
    }

    private var interfaceTable: String {
        guard !interface.isEmpty else { return "" }
        var table = TextTable([("interface", .left), ("left", .left), ("right", .left)])
        for change in interface { table.add([change.part, change.left ?? "-", change.right ?? "-"]) }
        return table.text
    }

    private func nodeTable(_ style: TextStyle) -> String {
        guard !removed.isEmpty || !added.isEmpty || !changed.isEmpty else { return "" }
        var table = TextTable([("", .left), ("node", .left), ("operator", .left), ("change", .left)])
        for node in changed {
            for (index, change) in node.changes.enumerated() {
                let isFirst = index == 0
                table.add([
                    isFirst ? "~" : "", isFirst ? node.left.name : "", isFirst ? node.left.operatorType : "",
                    change.text,
                ])
            }
            if node.left.name != node.right.name {
                table.add(["", "", "", "is \(node.right.name) in the right"])
            }
        }
        for node in removed {
            table.add(["-", node.name, node.operatorType, "only in the left"], tones: [0: .bad])
        }
        for node in added {
            table.add(["+", node.name, node.operatorType, "only in the right"], tones: [0: .good])
        }
        return table.text(style)
    }

    private var renameTable: String {
        guard !renamed.isEmpty else { return "" }
        var table = TextTable([("value in the left", .left), ("in the right", .left)])
        for name in renamed { table.add([name.left, name.right]) }
        return table.text
    }

    private var facts: String {
        var facts = FactList()
        facts.add("left", "\(left): \(leftNodes) nodes")
        facts.add("right", "\(right): \(rightNodes) nodes")
        facts.add("matched", "\(matchedByName) by name, \(matchedByStructure) by structure")
        if !renamed.isEmpty { facts.add("renamed", "\(renamed.count) values") }
        facts.add(
            "nodes", "\(removed.count) removed, \(added.count) added, \(changed.count) changed")
        facts.add("tolerance", "\(Quantity.error(tolerance)) of the largest weight of a constant")
        facts.add("result", equal ? "the same" : "different: \(summary)")
        return facts.text
    }
}

extension NodeChange {
    /// The change in words.
    fileprivate var text: String {
        switch self {
        case .operatorType(let left, let right): "operator \(left) -> \(right)"
        case .attribute(let name, let left, let right):
            "\(name) \(left ?? "not given") -> \(right ?? "not given")"
        case .input(let position, let left, let right):
            "input \(position) \(left ?? "left out") -> \(right ?? "left out")"
        case .output(let position, let left, let right):
            "computes \(left) -> \(right)" + (position == 0 ? "" : " (output \(position))")
        case .type(let position, let left, let right): "output \(position) \(left) -> \(right)"
        case .constant(let position, let change): "input \(position) \(change.text)"
        }
    }
}

extension ConstantChange {
    fileprivate var text: String {
        func name(_ type: TensorType?) -> String { type?.description ?? "left out" }
        guard let maxAbsolute, let relative, let differing else {
            return left == right ? "\(name(left)), other contents" : "\(name(left)) -> \(name(right))"
        }
        return "\(name(left)): \(differing) of \(left?.shape?.elementCount ?? 0) differ, "
            + "max abs \(Quantity.error(maxAbsolute)), relative \(Quantity.error(relative))"
    }
}
