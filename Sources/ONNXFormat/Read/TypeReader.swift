import CONNX
import GraphIR

/// Reads the types of values.
enum TypeReader {
    /// The type that a `TypeProto` describes; nil if it is empty.
    ///
    /// Empty symbols and negative extents count as unknown, as in onnxruntime; some exporters write -1 for
    /// "any".
    ///
    /// - Throws: `ONNXFormatError` for an unknown element type.
    static func read(
        _ pointer: UnsafeMutablePointer<Onnx__TypeProto>?, place: String
    ) throws(ONNXFormatError) -> ValueType? {
        guard let pointer else { return nil }
        switch pointer.pointee.value_case {
        case ONNX__TYPE_PROTO__VALUE__NOT_SET: return nil
        case ONNX__TYPE_PROTO__VALUE_TENSOR_TYPE:
            guard let tensor = pointer.pointee.tensor_type?.pointee else { return nil }
            guard let element = ElementType(rawValue: tensor.elem_type) else {
                if tensor.elem_type == 0 { return nil }
                throw ONNXFormatError(
                    .unsupported, place: place, "has elements of unknown type \(tensor.elem_type)")
            }
            return .tensor(TensorType(element, shape(tensor.shape)))
        default: return .opaque(packed(pointer))
        }
    }

    private static func shape(_ pointer: UnsafeMutablePointer<Onnx__TensorShapeProto>?) -> Shape? {
        guard let proto = pointer?.pointee else { return nil }
        let dims = list(proto.n_dim, proto.dim).map { dim -> Dim in
            switch dim.pointee.value_case {
            case ONNX__TENSOR_SHAPE_PROTO__DIMENSION__VALUE_DIM_VALUE:
                let extent = dim.pointee.dim_value
                return extent < 0 ? .unknown : .fixed(Int(extent))
            case ONNX__TENSOR_SHAPE_PROTO__DIMENSION__VALUE_DIM_PARAM:
                let symbol = text(dim.pointee.dim_param)
                return symbol.isEmpty ? .unknown : .symbol(symbol)
            default: return .unknown
            }
        }
        return Shape(dims)
    }

    /// The denotations of a tensor and its axes in a `TypeProto`. (Other types are kept whole, including
    /// theirs.)
    static func denotation(_ pointer: UnsafeMutablePointer<Onnx__TypeProto>?) -> Denotation? {
        guard let type = pointer?.pointee, type.value_case == ONNX__TYPE_PROTO__VALUE_TENSOR_TYPE else {
            return nil
        }
        let shape = type.tensor_type?.pointee.shape?.pointee
        let axes = shape.map { list($0.n_dim, $0.dim).map { text($0.pointee.denotation) } }
        return Denotation(type: text(type.denotation), axes: axes ?? [])
    }
}
