import GraphIR
import Operators

extension Graph {
    /// The network with float32 in place of float16, the graph itself if it holds no float16: what calibration follows
    /// and fits, before the results are rounded to float16 once. O(nodes + weights).
    ///
    /// Nodes and values keep their identifiers, so a plan made for this graph is one for the other.
    ///
    /// - Throws: `CalibrationError.elementType` if an operator takes no float32 there, or computes float16 in a subgraph.
    package func inSinglePrecision() throws(CalibrationError) -> Graph {
        guard values.contains(where: { $0.tensorType?.elementType == .float16 }) else { return self }
        do {
            var edit = GraphEdit(self)
            let given = Set(inputs)
            for value in values {
                if let tensor = value.initializer, tensor.elementType == .float16 {
                    edit.setInitializer(value.id, try tensor.casting(to: .float32))
                }
                edit.setDeclaredType(value.id, nil)
                guard let type = value.tensorType, type.elementType == .float16 else { continue }
                let isKept = given.contains(value.id) || value.constant != nil
                edit.setType(value.id, isKept ? .tensor(TensorType(.float32, type.shape)) : nil)
            }
            for node in nodes {
                for (name, attribute) in node.attributes.entries {
                    let isType = name == "to" || name == "dtype"
                    guard let widened = try attribute.inSinglePrecision(isType: isType) else { continue }
                    edit.setAttribute(node.id, name, widened)
                }
            }
            return try ShapeInference.infer(try edit.commit())
        } catch {
            throw .elementType(ElementType.float16.onnxName)
        }
    }
}

extension Attribute {
    /// The attribute with float32 in place of float16; nil if it names and holds none.
    ///
    /// - Parameter isType: whether an integer stands for an element type.
    fileprivate func inSinglePrecision(isType: Bool) throws -> Attribute? {
        switch self {
        case .int(Int64(ElementType.float16.rawValue)) where isType:
            .int(Int64(ElementType.float32.rawValue))
        case .tensor(let tensor) where tensor.elementType == .float16:
            .tensor(try tensor.casting(to: .float32))
        default: nil
        }
    }
}
