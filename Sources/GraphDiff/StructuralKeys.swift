import GraphIR

/// A node's computation, apart from names: its operator, the values that it reads, and, depending on the
/// tier, its attributes and constants.
struct StructuralKeys {
    /// How much must agree, the strictest first.
    enum Tier: CaseIterable {
        case contents, shapes
        /// Neither constants nor attributes: the operator, and the computed values that it reads.
        case operators
    }

    struct Key: Hashable {
        fileprivate let operatorType: String
        fileprivate let domain: String
        fileprivate let inputs: [Slot]
        fileprivate let attributes: Int
    }

    fileprivate enum Slot: Hashable {
        case value(ValueID)
        case constant(Int)
        case absent
    }

    private let constants: ConstantTable
    private let tier: Tier
    /// Constants that several nodes read are hashed once.
    private var hashes: [ValueID: Int] = [:]

    init(_ constants: ConstantTable, _ tier: Tier) {
        self.constants = constants
        self.tier = tier
    }

    /// - Parameter mapping: the right graph's value for a value that is not constant.
    /// - Returns: nil if an input has no counterpart, or if only the operator is left to compare.
    mutating func key(of node: Node, mapping: (ValueID) -> ValueID?) -> Key? {
        var slots: [Slot] = []
        for input in node.inputs {
            guard let input else {
                if tier != .operators { slots.append(.absent) }
                continue
            }
            if let tensor = constants[input] {
                if tier != .operators { slots.append(.constant(hash(input, tensor))) }
            } else if let value = mapping(input) {
                slots.append(.value(value))
            } else {
                return nil
            }
        }
        guard !slots.isEmpty || tier != .operators else { return nil }
        return Key(
            operatorType: node.operatorType, domain: node.domain, inputs: slots,
            attributes: tier == .operators ? 0 : hash(node.attributes))
    }

    private mutating func hash(_ value: ValueID, _ tensor: Tensor) -> Int {
        if let known = hashes[value] { return known }
        var hasher = Hasher()
        tensor.combine(into: &hasher, contents: tier == .contents)
        let result = hasher.finalize()
        hashes[value] = result
        return result
    }

    private func hash(_ attributes: Attributes) -> Int {
        var hasher = Hasher()
        for (name, value) in attributes.entries.sorted(by: { $0.name < $1.name }) {
            hasher.combine(name)
            value.combine(into: &hasher, contents: tier == .contents)
        }
        return hasher.finalize()
    }
}
