import CONNX
import GraphIR

/// Reads the types of values.
enum TypeReader {
    /// The type that a `TypeProto` describes; nil if it says nothing.
    ///
    /// Extents of -1, which some exporters write for "any", and empty symbols are unknown.
    ///
    /// - Throws: `ONNXFormatError` for an unknown element type or another negative extent.
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
            return .tensor(TensorType(element, try shape(tensor.shape, place)))
        default: return .opaque(packed(pointer))
        }
    }

    private static func shape(
        _ pointer: UnsafeMutablePointer<Onnx__TensorShapeProto>?, _ place: String
    ) throws(ONNXFormatError) -> Shape? {
        guard let proto = pointer?.pointee else { return nil }
        var dims: [Dim] = []
        for dim in list(proto.n_dim, proto.dim) {
            switch dim.pointee.value_case {
            case ONNX__TENSOR_SHAPE_PROTO__DIMENSION__VALUE_DIM_VALUE:
                let extent = dim.pointee.dim_value
                guard extent >= -1 else {
                    throw ONNXFormatError(.invalidGraph, place: place, "has an extent of \(extent)")
                }
                dims.append(extent < 0 ? .unknown : .fixed(Int(extent)))
            case ONNX__TENSOR_SHAPE_PROTO__DIMENSION__VALUE_DIM_PARAM:
                let symbol = text(dim.pointee.dim_param)
                dims.append(symbol.isEmpty ? .unknown : .symbol(symbol))
            default: dims.append(.unknown)
            }
        }
        return Shape(dims)
    }
}
