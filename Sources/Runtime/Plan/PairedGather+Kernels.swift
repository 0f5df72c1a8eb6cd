import GraphIR
import Operators

extension PairedGather {
    /// The pattern that ends with the node, if the engine can run it in one step: it works on floats, and no
    /// value inside it is read by others or is a result of the run.
    static func runnable(_ node: Node, _ context: PatternContext) -> PairedGather? {
        guard let pattern = match(node, in: context), pattern.kernel(context) != nil else { return nil }
        return pattern
    }

    /// The kernel that computes the pattern; its operands are X and the choice.
    func choices(_ context: PatternContext) -> [KernelChoice] {
        guard let kernel = kernel(context) else { return [] }
        return [
            KernelChoice(kernel: kernel, inputLayouts: [.blocked, .rowMajor], outputLayouts: [.blocked])
        ]
    }

    private func kernel(_ context: PatternContext) -> PairedChannelGather? {
        guard let x = context.type(of: image), let y = context.type(of: output),
            let choice = context.type(of: choice), choice.elementType == .bool,
            choice.shape == [x.shape[0], first.count, 1, 1]
        else { return nil }
        return PairedChannelGather(
            input: x, output: y, first: first, second: second, constant: constant)
    }
}
