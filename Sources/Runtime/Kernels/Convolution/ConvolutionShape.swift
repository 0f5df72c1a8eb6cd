import CKernels
import GraphIR
import Operators

/// The sizes of a two-dimensional convolution over NCHW floats; a one-dimensional one has height 1.
struct ConvolutionShape: Sendable {
    let batch: Int
    let groups: Int
    /// Input channels of one group.
    let channels: Int
    /// Output channels of one group.
    let filters: Int
    let inHeight: Int
    let inWidth: Int
    let outHeight: Int
    let outWidth: Int
    let kernelHeight: Int
    let kernelWidth: Int
    let strideY: Int
    let strideX: Int
    let dilationY: Int
    let dilationX: Int
    let padTop: Int
    let padLeft: Int

    /// Nil if the convolution is not over one or two axes of floats, is empty, or exceeds BLAS's integers.
    ///
    /// - Throws: `OperatorError` where the node contradicts the definition of Conv.
    init?(_ request: KernelRequest) throws {
        guard request.node.isOperator("Conv"), request.isFloat, let x = request.input(0)?.shape,
            let w = request.input(1)?.shape
        else { return nil }
        try self.init(request.context, x, w)
    }

    /// The sizes for an input of shape `x`, weights of shape `w` and the attributes of Conv.
    init?(_ context: OperatorContext, _ x: [Int], _ w: [Int]) throws {
        guard x.count == 3 || x.count == 4, let geometry = try Conv.geometry(context, Shape(x), Shape(w)),
            let output = Shape(geometry.output).extents
        else { return nil }
        let window = geometry.window
        func pair(_ values: [Int], line: Int) -> (Int, Int) {
            values.count == 2 ? (values[0], values[1]) : (line, values[0])
        }
        batch = x[0]
        groups = geometry.groups
        channels = w[1]
        filters = w[0] / groups
        (inHeight, inWidth) = pair(Array(x[2...]), line: 1)
        (outHeight, outWidth) = pair(output, line: 1)
        (kernelHeight, kernelWidth) = pair(window.kernel, line: 1)
        (strideY, strideX) = pair(window.strides, line: 1)
        (dilationY, dilationX) = pair(window.dilations, line: 1)
        (padTop, padLeft) = pair(window.padBegin, line: 0)
        let limit = Int(Int32.max)
        guard let taps = Shape.elementCount(of: [channels, kernelHeight, kernelWidth]),
            let pixels = Shape.elementCount(of: [outHeight, outWidth]),
            let products = Shape.elementCount(of: [batch, w[0], taps, pixels]),
            products > 0, taps <= limit, pixels <= limit, inHeight * inWidth <= limit, w[0] <= limit
        else { return nil }
    }

    /// Output positions of one channel.
    var pixels: Int { outHeight * outWidth }
    /// Input positions of one channel.
    var plane: Int { inHeight * inWidth }
    /// Products summed in one output element.
    var taps: Int { channels * kernelHeight * kernelWidth }
    var macs: Int { batch * groups * filters * taps * pixels }
    /// Whether there is one input pixel, one output pixel and a 1x1 kernel: a matrix product of samples and
    /// filters.
    var isDense: Bool { groups == 1 && plane == 1 && pixels == 1 && kernelHeight == 1 && kernelWidth == 1 }

    /// The output columns whose input column at tap `kx` lies inside the input.
    func validColumns(tap kx: Int) -> Range<Int> {
        ConvolutionShape.valid(
            offset: kx * dilationX - padLeft, stride: strideX, extent: inWidth, count: outWidth)
    }

    /// The positions p in 0..<count with offset + p * stride in 0..<extent.
    static func valid(offset: Int, stride: Int, extent: Int, count: Int) -> Range<Int> {
        let first = offset >= 0 ? 0 : (-offset + stride - 1) / stride
        let end = offset >= extent ? 0 : min(count, (extent - 1 - offset) / stride + 1)
        return first..<max(first, end)
    }
}

extension ck_conv_shape {
    /// Multiply-accumulates of the whole batch.
    var macs: Int {
        [batch, out_channels, in_channels / groups, kernel_height, kernel_width, out_height, out_width]
            .reduce(1) { $0 * Int($1) }
    }
}
