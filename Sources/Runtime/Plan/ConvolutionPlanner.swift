import CKernels
import GraphIR
import Operators

/// Chooses how the blocked kernels compute a convolution: at load, by a cost model over its shape and by the
/// range of its weights.
///
/// The method is chosen for a batch of 1, so that a sample's result does not depend on its batch, and that
/// plans for all batches share the packed weights.
struct ConvolutionPlanner {
    let weights: Tensor
    let bias: Tensor?
    private let shape: ck_conv_shape
    private let settings: EngineSettings

    /// Nil if the weights are not constant or the kernels do not support the convolution.
    init?(_ request: KernelRequest, _ shape: ConvolutionShape) {
        guard request.input(0)?.shape.count == 4, BlockedImage(request.input(0)) != nil,
            BlockedImage(request.outputs.first ?? nil) != nil,
            let weights = request.context.constant(1),
            let size = ck_conv_shape(shape)
        else { return nil }
        bias = request.context.constant(2)
        guard bias != nil || !request.hasInput(2) else { return nil }
        self.weights = weights
        self.shape = size
        settings = request.settings
        guard !plans(CK_WEIGHTS_EVEN).isEmpty else { return nil }
    }

    /// The plans for the actual batch and weights of the given range, best first: from a row-major input if
    /// there are few channels, and from a blocked one.
    func plans(_ range: ck_weight_range) -> [ck_conv_plan] {
        var plans: [ck_conv_plan] = []
        // The row-major kernel multiplies the padding, too.
        if shape.groups == 1, shape.in_channels <= ConvolutionPlanner.fewChannels,
            range != CK_WEIGHTS_NOT_FINITE, let planar = plan(shape, CK_CONV_PLANAR, range)
        {
            plans.append(planar)
        }
        var one = shape
        one.batch = 1
        if let chosen = plan(one, CK_CONV_AUTO, range), let blocked = plan(shape, chosen.method, range) {
            plans.append(blocked)
        }
        return plans
    }

    /// The range of the weights with the factors of a normalisation: O(weights).
    func range(_ normalization: ChannelAffine?) -> ck_weight_range {
        var shape = shape
        return weights.bytes.withUnsafeBytes { bytes in
            bytes.baseAddress.map { ck_conv_weight_range(&shape, $0, normalization?.scale) }
                ?? CK_WEIGHTS_EVEN
        }
    }

    /// Half a block of channels: up to this, most of a blocked input would be padding.
    private static let fewChannels = 8

    private func plan(
        _ shape: ck_conv_shape, _ method: ck_conv_method, _ range: ck_weight_range
    ) -> ck_conv_plan? {
        var (shape, plan) = (shape, ck_conv_plan())
        var options = ck_conv_options(
            isa: settings.instructionSet.kernels, method: method, exact: settings.isExact,
            threads: Int32(clamping: settings.threads), weights: range)
        return ck_conv_plan_make(&shape, &options, &plan) == CK_OK ? plan : nil
    }
}

extension ck_conv_shape {
    /// Nil if a size exceeds the kernels' integers.
    init?(_ shape: ConvolutionShape) {
        let sizes = [
            shape.batch, shape.groups, shape.groups * shape.channels, shape.inHeight, shape.inWidth,
            shape.groups * shape.filters, shape.outHeight, shape.outWidth, shape.kernelHeight,
            shape.kernelWidth, shape.strideY, shape.strideX, shape.dilationY, shape.dilationX, shape.padTop,
            shape.padLeft,
        ].compactMap { Int32(exactly: $0) }
        guard sizes.count == 16 else { return nil }
        self.init(
            batch: sizes[0], groups: sizes[1], in_channels: sizes[2], in_height: sizes[3], in_width: sizes[4],
            out_channels: sizes[5], out_height: sizes[6], out_width: sizes[7], kernel_height: sizes[8],
            kernel_width: sizes[9], stride_y: sizes[10], stride_x: sizes[11], dilation_y: sizes[12],
            dilation_x: sizes[13], pad_top: sizes[14], pad_left: sizes[15])
    }
}
