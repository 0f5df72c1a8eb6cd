import CONNX
import GraphIR

/// Reads tensors: raw data and packed floats become references into the file, other typed fields are
/// unpacked, and external data becomes references into files of the model's folder.
final class TensorReader {
    private let file: ByteRegion
    private let skeleton: Skeleton
    private let folder: ExternalDataFolder?
    private let limits: ImportLimits
    private var unpackedBytes = 0

    init(_ file: ByteRegion, _ skeleton: Skeleton, folder: ExternalDataFolder?, limits: ImportLimits) {
        self.file = file
        self.skeleton = skeleton
        self.folder = folder
        self.limits = limits
    }

    /// The file's training information, unchanged.
    var trainingInfo: [ByteRegion] {
        skeleton.trainingInfo.compactMap { file.slice(offset: $0.lowerBound, count: $0.count) }
    }

    /// The tensor that a decoded `TensorProto` describes.
    ///
    /// - Throws: `ONNXFormatError` with the place `place`.
    func read(_ proto: Onnx__TensorProto, place: String) throws(ONNXFormatError) -> Tensor {
        guard let type = ElementType(rawValue: proto.data_type) else {
            throw ONNXFormatError(
                .unsupported, place: place, "has elements of unknown type \(proto.data_type)")
        }
        guard proto.segment == nil else {
            throw ONNXFormatError(.unsupported, place: place, "is stored in segments")
        }
        guard proto.n_dims <= limits.tensorRank else {
            throw ONNXFormatError(.limit, place: place, "has \(proto.n_dims) dimensions")
        }
        let shape = numbers(proto.n_dims, proto.dims).map { Int($0) }
        do {
            if type == .string { return try Tensor(shape: shape, strings: strings(proto)) }
            guard let count = Shape.elementCount(of: shape), let size = type.byteCount(of: count) else {
                throw TensorError.invalidShape(shape, type)
            }
            let isExternal = proto.data_location == ONNX__TENSOR_PROTO__DATA_LOCATION__EXTERNAL
            guard isExternal || proto.data_location == ONNX__TENSOR_PROTO__DATA_LOCATION__DEFAULT else {
                throw ONNXFormatError(.malformed, place: place, "has data in an unknown location")
            }
            let bytes =
                isExternal
                ? try externalBytes(proto, size: size, place)
                : try internalBytes(proto, TypedData(type, byteCount: size), place)
            return try Tensor(type, shape: shape, bytes: bytes)
        } catch let error as any DiagnosableError {
            throw ONNXFormatError(error, kind: .malformed, place: place)
        } catch {
            throw ONNXFormatError(.malformed, place: place, "cannot be read")
        }
    }

    private func strings(_ proto: Onnx__TensorProto) throws(ONNXFormatError) -> [[UInt8]] {
        guard proto.has_raw_data == 0, proto.data_location == ONNX__TENSOR_PROTO__DATA_LOCATION__DEFAULT
        else { throw ONNXFormatError(.malformed, "strings are not stored as strings") }
        return numbers(proto.n_string_data, proto.string_data).map { Array(bytes($0)) }
    }

    private func externalBytes(
        _ proto: Onnx__TensorProto, size: Int, _ place: String
    ) throws(ONNXFormatError) -> ByteRegion {
        guard let folder else {
            throw ONNXFormatError(
                .externalData, place: place, "has external data, which only a model read from a file may")
        }
        let entries = metadata(proto.n_external_data, proto.external_data)
        return try folder.bytes(entries, size: size, place: place)
    }

    private func internalBytes(
        _ proto: Onnx__TensorProto, _ typed: TypedData, _ place: String
    ) throws -> ByteRegion {
        let parts = skeleton.payload(token: bytes(proto.raw_data))?.parts ?? []
        let loose = typed.looseField(of: proto)
        guard let field = parts.first?.field ?? loose else { return ByteRegion([UInt8]()) }
        guard parts.allSatisfy({ $0.field == field }), loose == nil || parts.isEmpty,
            field != .rawData || parts.count == 1
        else { throw ONNXFormatError(.malformed, place: place, "holds its data twice") }
        guard field == .rawData || field == typed.field else {
            throw ONNXFormatError(
                .malformed, place: place,
                "holds its \(typed.type.onnxName) elements in a field of another type")
        }
        let regions = parts.compactMap { file.slice(offset: $0.range.lowerBound, count: $0.range.count) }
        if let region = regions.first, regions.count == 1, field == .rawData || typed.isStoredPlainly {
            return region
        }
        guard typed.byteCount <= limits.unpackedTensorBytes - unpackedBytes else {
            throw ONNXFormatError(
                .limit, place: place, "unpacking takes more than \(limits.unpackedTensorBytes >> 20) MB")
        }
        unpackedBytes += typed.byteCount
        return parts.isEmpty ? try typed.unpack(loose: proto) : try typed.unpack(packed: regions)
    }
}
