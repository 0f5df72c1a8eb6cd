/// One node of a program, which can be run forwards and backwards.
protocol Step: Sendable {
    /// Computes the step's result from its operands.
    func forward(_ tape: Tape)

    /// Adds to the gradients by the operands what the gradient by the result says. The values are those of the
    /// forward run.
    func backward(_ tape: Tape)

    /// The multiply-accumulates of a forward run on one image; 0 if it has none.
    var macs: Int { get }

    /// The floats of scratch memory that the step needs for so many images.
    func scratch(images: Int) -> Int
}

extension Step {
    var macs: Int { 0 }
    func scratch(images: Int) -> Int { 0 }
}
