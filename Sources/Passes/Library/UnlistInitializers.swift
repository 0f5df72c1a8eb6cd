import GraphIR

/// Takes initialisers off the list of graph inputs.
///
///     before: inputs = [data, W, b], initialisers = [W, b]      (ONNX IR 3, keep_initializers_as_inputs)
///     after:  inputs = [data],       initialisers = [W, b]
///
/// An input with a default may be overridden by the caller, so nothing may be folded into it; a weight that
/// is listed only because IR 3 wants it so is a constant.
///
/// Conditions:
/// 1. The input has an initialiser.
public struct UnlistInitializers: Pass {
    public let name = "unlist-initializers"
    public let summary = "Initialisers that are listed as graph inputs become plain constants."

    /// The pass, which has nothing to set.
    public init() {}

    public func run(_ graph: Graph) throws -> Graph? {
        var edit = GraphEdit(graph)
        edit.unlistDefaultedInputs()
        return edit.hasChanges ? try edit.commit() : nil
    }
}
