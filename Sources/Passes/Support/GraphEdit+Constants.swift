import GraphIR

extension GraphEdit {
    /// Makes a node read `tensor` at `position`.
    ///
    /// A constant that only this input reads is changed in place and keeps its name; otherwise a new one is
    /// added, named `name` or, if that is taken, `name_1` and so on.
    mutating func replaceConstant(_ node: NodeID, _ position: Int, by tensor: Tensor, name: String) throws {
        if let old = graph[node].input(position), graph[old].constant != nil, graph[old].useCount == 1 {
            setInitializer(old, tensor)
        } else {
            setInput(node, position, try addInitializer(uniqueName(name), tensor))
        }
    }
}

extension Tensor {
    /// Whether all elements of a floating-point tensor are finite.
    var isFinite: Bool {
        func allFinite<Element: TensorElement & BinaryFloatingPoint>(_: Element.Type) -> Bool {
            (try? withElements(of: Element.self) { $0.allSatisfy(\.isFinite) }) ?? false
        }
        switch elementType {
        case .float32: return allFinite(Float.self)
        case .float64: return allFinite(Double.self)
        case .float16: return allFinite(Float16.self)
        default: return false
        }
    }
}
