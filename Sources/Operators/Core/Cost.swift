import GraphIR

/// The cost of one application of an operator.
public struct Cost: Sendable, Equatable {
    /// Multiply-accumulates of convolutions and matrix products, without bias additions.
    public var macs: Int
    /// Elementary operations of everything else: one per output element of an elementwise operator, one per
    /// window element of a pooling operator, one per input element of a reduction.
    public var elementaryOperations: Int

    /// A cost of the given multiply-accumulates and other operations.
    public init(macs: Int = 0, elementaryOperations: Int = 0) {
        self.macs = macs
        self.elementaryOperations = elementaryOperations
    }

    /// The cost of moving or renaming elements: nothing.
    public static let free = Cost()

    /// `perElement` operations for each element of the first output; nil if its shape is not static.
    public static func elementwise(_ context: OperatorContext, perElement: Int = 1) -> Cost? {
        guard let count = context.outputTypes.first??.shape?.elementCount else { return nil }
        let (operations, overflow) = count.multipliedReportingOverflow(by: perElement)
        return overflow ? nil : Cost(elementaryOperations: operations)
    }

    /// The product of `factors` as multiply-accumulates; nil if it overflows.
    public static func macs(_ factors: Int...) -> Cost? {
        Shape.elementCount(of: factors).map { Cost(macs: $0) }
    }
}
