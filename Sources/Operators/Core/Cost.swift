import GraphIR

/// What one application of an operator costs.
public struct Cost: Sendable, Equatable {
    /// Multiply-accumulates of convolutions and matrix products (bias additions not counted).
    public var macs: Int
    /// Elementary operations of everything else: one per output element of an elementwise operator, one per
    /// window element of a pooling operator, one per input element of a reduction.
    public var elementaryOperations: Int

    /// A cost of so many multiply-accumulates and other operations.
    public init(macs: Int = 0, elementaryOperations: Int = 0) {
        self.macs = macs
        self.elementaryOperations = elementaryOperations
    }

    /// Costs nothing: moves or renames elements.
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
