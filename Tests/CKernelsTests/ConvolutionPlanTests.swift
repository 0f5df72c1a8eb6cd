import CKernels
import Testing

/// The choice of the method, and the shapes that are refused.
@Suite struct ConvolutionPlanTests {
    private func square(_ channels: Int, _ size: Int, groups: Int = 1) -> Convolution {
        Convolution(
            groups: groups, inputs: channels, outputs: channels, height: size, width: size,
            pads: [1, 1, 1, 1])
    }

    @Test(arguments: InstructionSet.supported)
    func theCostModelChooses(set: InstructionSet) {
        #expect(square(64, 56).plan(set).plan.method == CK_CONV_WINOGRAD4)
        #expect(square(128, 28).plan(set).plan.method == CK_CONV_WINOGRAD4)
        #expect(square(256, 14).plan(set).plan.method == CK_CONV_WINOGRAD2)
        #expect(square(512, 7).plan(set).plan.method == CK_CONV_WINOGRAD2)
        #expect(square(512, 2).plan(set).plan.method == CK_CONV_DIRECT)
        #expect(square(64, 56).plan(set, exact: true).plan.method == CK_CONV_DIRECT)
        #expect(square(64, 56, groups: 64).plan(set).plan.method == CK_CONV_DEPTHWISE)
        #expect(square(64, 56, groups: 2).plan(set).plan.method == CK_CONV_DIRECT)
    }

    @Test func whatAMethodCannotComputeIsRefused() {
        let set = InstructionSet.portable
        #expect(square(16, 8, groups: 2).plan(set, CK_CONV_WINOGRAD4).status == CK_UNSUPPORTED)
        #expect(square(16, 8, groups: 2).plan(set, CK_CONV_DEPTHWISE).status == CK_UNSUPPORTED)
        #expect(square(16, 8, groups: 2).plan(set, CK_CONV_PLANAR).status == CK_UNSUPPORTED)
        var strided = square(16, 8)
        strided.stride = 2
        #expect(strided.plan(set, CK_CONV_WINOGRAD2).status == CK_UNSUPPORTED)
    }

    static let wrong: [@Sendable (inout ck_conv_shape) -> Void] = [
        { $0.batch = 0 }, { $0.groups = 3 }, { $0.groups = -1 }, { $0.stride_x = 0 }, { $0.dilation_y = 0 },
        { $0.out_height = .max }, { $0.pad_left = -1 }, { $0.pad_top = .max }, { $0.in_width = .max },
        { $0.kernel_width = .max }, { $0.dilation_x = .max }, { $0.out_channels = 0 },
        { ($0.kernel_width, $0.dilation_x) = (1 << 23, 1 << 23) },
        { ($0.out_width, $0.stride_x) = (1 << 20, 1 << 20) },
    ]

    @Test(arguments: wrong.indices)
    func shapesThatDoNotFitAreRefused(index: Int) {
        var shape = square(16, 8).shape
        Self.wrong[index](&shape)
        var plan = ck_conv_plan()
        for method in [CK_CONV_AUTO, CK_CONV_DIRECT, CK_CONV_PLANAR, CK_CONV_WINOGRAD4] {
            var options = ck_conv_options(
                isa: CK_ISA_PORTABLE, method: method, exact: false, threads: 1, weights: CK_WEIGHTS_EVEN)
            #expect(ck_conv_plan_make(&shape, &options, &plan) != CK_OK)
        }
    }
}
