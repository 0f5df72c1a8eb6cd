import GraphIR

/// The operators that this package knows, by domain and name.
public enum OperatorRegistry {
    /// The operator of that name; nil if it is unknown.
    public static func find(domain: String, _ name: String) -> (any Operator)? {
        table[Key(domain: domain, name: name)]
    }

    /// The operator that a node applies; nil if it is unknown.
    public static func find(_ node: Node) -> (any Operator)? {
        find(domain: node.domain, node.operatorType)
    }

    /// The names of all known operators of the default domain, sorted.
    public static var names: [String] { all.filter { $0.domain.isEmpty }.map(\.name).sorted() }

    private struct Key: Hashable {
        let domain: String
        let name: String
    }

    private static let table = Dictionary(
        all.map { (Key(domain: $0.domain, name: $0.name), $0) }, uniquingKeysWith: { first, _ in first })
}
