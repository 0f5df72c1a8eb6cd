import GraphIR

/// Values that share a scale, as disjoint sets.
struct ScaleGroups {
    private var parents: [ValueID: ValueID] = [:]

    /// The value that stands for the group. Almost O(1).
    mutating func leader(of value: ValueID) -> ValueID {
        var root = value
        while let parent = parents[root] { root = parent }
        var place = value
        while let parent = parents[place] {
            parents[place] = root
            place = parent
        }
        return root
    }

    /// Lets two values share a scale. The lower one leads, so that the result does not depend on the order.
    mutating func unite(_ first: ValueID, _ second: ValueID) {
        let (a, b) = (leader(of: first), leader(of: second))
        if a != b { parents[max(a, b)] = min(a, b) }
    }
}
