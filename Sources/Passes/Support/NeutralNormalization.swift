import GraphIR

/// A BatchNormalization that computes y = scale * x + shift: mean 0 and var + epsilon = 1.
///
/// The epsilon is the usual one, so that the network can be trained further; in float, 1 - epsilon and
/// epsilon add up to exactly 1.
struct NeutralNormalization {
    static let epsilon: Float = 1e-5

    /// Scale, shift, mean and variance with one element for each channel, and the suffixes of their names.
    private let parameters: [(suffix: String, tensor: Tensor)]
    /// The prefix of the parameters' names.
    private let name: String

    /// - Parameters:
    ///   - scale: one element for each channel, float16, float or double; other types give nil.
    ///   - shift: of the same type and shape.
    init?(scale: Tensor, shift: Tensor, name: String) {
        let channels = scale.elementCount
        func repeated(_ value: Double) -> Tensor? {
            Tensor(
                rounding: [Double](repeating: value, count: channels), to: scale.elementType,
                shape: [channels])
        }
        guard scale.type == shift.type, scale.shape == [channels], let mean = repeated(0),
            let variance = repeated(Double(1 - NeutralNormalization.epsilon))
        else { return nil }
        parameters = [("scale", scale), ("shift", shift), ("mean", mean), ("var", variance)]
        self.name = name
    }

    /// Adds the parameters in the order of the operator's inputs.
    func addParameters(to edit: inout GraphEdit) throws(GraphError) -> [ValueID] {
        var values: [ValueID] = []
        for (suffix, tensor) in parameters {
            values.append(try edit.addInitializer(edit.uniqueName("\(name)_\(suffix)"), tensor))
        }
        return values
    }
}
