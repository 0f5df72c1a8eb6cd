import GraphIR

/// Takes initialisers off the list of graph inputs.
///
///     before: inputs = [data, W, b], initialisers = [W, b]      (ONNX IR 3, keep_initializers_as_inputs)
///     after:  inputs = [data],       initialisers = [W, b]
///
/// The caller may override an input with a default, so nothing may be folded into it. A weight that is listed
/// only because IR 3 requires it is a constant.
///
/// Conditions:
/// 1. The input has an initialiser.
public struct UnlistInitializers: Pass {
    public let name = "unlist-initializers"
    public let summary = "Initialisers that are listed as graph inputs become plain constants."

    /// The pass; it has no settings.
    public init() {}

    public func run(_ graph: Graph) throws -> Graph? {
        var edit = GraphEdit(graph)
        edit.unlistDefaultedInputs()
        return edit.hasChanges ? try edit.commit() : nil
    }
}
