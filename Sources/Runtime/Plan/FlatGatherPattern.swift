import GraphIR
import Operators

/// A gather of channels that counts the channels of all samples in one axis:
///
///     X [N, C, H, W] -> Reshape [N * C, H, W] -> Gather along axis 0, indices [N, k] -> [N, k, H, W]
///
/// The gather can read X itself. The Reshape stays if its output has other readers.
struct FlatGatherPattern {
    let image: ValueID
    let indices: ValueID
    let output: ValueID
    let gather: Node

    static func match(_ gather: Node, _ context: PatternContext) throws -> FlatGatherPattern? {
        guard gather.isOperator("Gather") else { return nil }
        let request = context.request(gather)
        guard let planes = gather.input(0), let indices = gather.input(1),
            let output = gather.output(0), let flat = request.input(0), flat.elementType == .float32,
            flat.shape.count == 3, try request.context.int("axis", default: 0) == 0,
            let y = request.outputs.first ?? nil, y.shape.count == 4,
            let reshape = context.specialization.graph.producer(of: planes), reshape.isOperator("Reshape"),
            let image = reshape.input(0), let x = context.type(of: image), x.shape.count == 4,
            x.shape[0] == y.shape[0], flat.shape == [x.shape[0] * x.shape[1], x.shape[2], x.shape[3]]
        else { return nil }
        return FlatGatherPattern(image: image, indices: indices, output: output, gather: gather)
    }

    /// The gather in either layout; for the row-major one, X is the Reshape's output.
    func choices(_ context: PatternContext) throws -> [KernelChoice] {
        let request = context.request(gather)
        guard let x = context.type(of: image), let y = context.type(of: output),
            let indices = request.input(1), let plain = try GatherKernels.choose(request)
        else { return [] }
        let blocked = ChannelGather(
            input: x, output: y, indices: indices, addressing: .flat)
        return
            (blocked.map {
                [KernelChoice(kernel: $0, inputLayouts: [.blocked, .rowMajor], outputLayouts: [.blocked])]
            } ?? []) + [plain]
    }
}
