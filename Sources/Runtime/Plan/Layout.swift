import CKernels
import GraphIR

/// The order of a value's elements in memory.
enum Layout: Sendable, Hashable {
    /// In the order of the axes, the last one innermost, as ONNX defines tensors (NCHW for images).
    case rowMajor
    /// Images in NCHW16c: channels in blocks of 16, [N, ceil(C/16), H, W, 16]. The lanes beyond the last
    /// channel hold arbitrary finite numbers; of bytes, any.
    case blocked
}

/// A value in one of its layouts, as the steps of a plan read and write it.
struct StoredValue: Hashable, Sendable {
    let id: ValueID
    let layout: Layout
}

/// A batch of images in the blocked layout.
struct BlockedImage: Sendable, Equatable {
    /// The size of an element in bytes: 4, or 1 for quantised numbers.
    let elementSize: Int
    let batch: Int
    let channels: Int
    let height: Int
    let width: Int

    /// Nil unless the type is a non-empty tensor [N, C, H, W] of such elements within the kernels' integers.
    init?(_ type: ConcreteType?, of elements: Elements = .floats) {
        guard let type, elements.include(type.elementType), type.shape.count == 4, type.elementCount > 0
        else {
            return nil
        }
        elementSize = type.elementType.bitWidth / 8
        (batch, channels, height, width) = (type.shape[0], type.shape[1], type.shape[2], type.shape[3])
        let limit = 1 << 24
        guard type.shape.allSatisfy({ $0 < limit }), height * width < 1 << 30,
            Shape.elementCount(of: [batch, blocks, plane]).map({ $0 < 1 << 48 }) ?? false
        else { return nil }
    }

    /// The element types of blocked images.
    enum Elements {
        case floats
        case bytes
        /// Floats, bytes, and 32-bit integers: whatever a kernel writes in blocks.
        case all

        func include(_ type: ElementType) -> Bool {
            let isByte = type == .uint8 || type == .int8
            return switch self {
            case .floats: type == .float32
            case .bytes: isByte
            case .all: isByte || type == .float32 || type == .int32
            }
        }
    }

    /// The number of blocks of channels.
    var blocks: Int { (channels + 15) / 16 }
    /// Elements of one block of one sample.
    var plane: Int { height * width * 16 }
    /// Elements of one sample.
    var sample: Int { blocks * plane }
    var elementCount: Int { batch * sample }
    var byteCount: Int { elementCount * elementSize }

    /// The addresses of the elements of float images, for the kernels in C.
    func view(_ data: UnsafeMutablePointer<Float>) -> ck_view {
        ck_view(data: data, row: width * 16, block: plane, sample: sample, halo: 0)
    }

    func view(_ data: UnsafePointer<Float>) -> ck_view { view(UnsafeMutablePointer(mutating: data)) }
}

extension ConcreteType {
    /// The memory that a value takes in a layout; nil if it cannot have that layout.
    func byteCount(in layout: Layout) -> Int? {
        switch layout {
        case .rowMajor: byteCount
        case .blocked: BlockedImage(self, of: .all)?.byteCount
        }
    }
}
