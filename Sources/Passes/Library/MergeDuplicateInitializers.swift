import GraphIR

/// Keeps one of several constants with the same contents.
///
///     before: initialiser w1 -> Conv      initialiser w2, the same bytes -> Conv
///     after:  initialiser w1 -> both
///
/// Conditions:
/// 1. Element type, shape and bytes are the same.
/// 2. The first can replace the second: the second is not a graph output, and no subgraph reads it by its
///    name.
///
/// Reads the bytes of constants that share type and shape with another one, once: O(bytes).
public struct MergeDuplicateInitializers: Pass {
    public let name = "merge-duplicate-initializers"
    public let summary = "Constants of the same contents become one."

    /// The pass; it has no settings.
    public init() {}

    public func run(_ graph: Graph) throws -> Graph? {
        var groups: [TensorType: [Value]] = [:]
        for value in graph.values {
            if let tensor = value.constant { groups[tensor.type, default: []].append(value) }
        }
        var edit = GraphEdit(graph)
        for value in graph.values {
            guard let type = value.constant?.type, let group = groups.removeValue(forKey: type),
                group.count > 1
            else { continue }
            try merge(group, &edit)
        }
        return edit.hasChanges ? try edit.commit() : nil
    }

    /// Merges the constants of a group that have the same contents.
    private func merge(_ group: [Value], _ edit: inout GraphEdit) throws {
        var kept: [Contents: ValueID] = [:]
        for value in group {
            guard let tensor = value.constant else { continue }
            guard let first = kept[Contents(tensor: tensor)] else {
                kept[Contents(tensor: tensor)] = value.id
                continue
            }
            guard edit.canReplaceUses(of: value.id, with: first) else { continue }
            do {
                try edit.replaceUses(of: value.id, with: first)
                try edit.removeValue(value.id)
            } catch {
                throw PassError(pass: name, error)
            }
        }
    }
}

/// A tensor, compared bit by bit.
private struct Contents: Hashable {
    let tensor: Tensor

    func hash(into hasher: inout Hasher) { tensor.combine(into: &hasher, contents: true) }
}
