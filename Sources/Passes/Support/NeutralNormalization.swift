import GraphIR

/// A BatchNormalization that computes y = scale * x + shift: mean 0 and var + epsilon = 1.
///
/// The epsilon is the usual one, so that the network can be trained from here; in float, 1 - epsilon and
/// epsilon add up to 1 exactly.
struct NeutralNormalization {
    static let epsilon: Float = 1e-5

    /// One element for each channel.
    let scale: Tensor
    let shift: Tensor
    /// What the parameters' names start with.
    let name: String

    /// Adds scale, shift, mean and variance, in the order of the operator's inputs.
    func addParameters(to edit: inout GraphEdit) throws -> [ValueID] {
        let channels = scale.elementCount
        let mean = Tensor(
            rounding: [Double](repeating: 0, count: channels), to: scale.elementType, shape: [channels])
        let variance = Tensor(
            rounding: [Double](repeating: Double(1 - NeutralNormalization.epsilon), count: channels),
            to: scale.elementType, shape: [channels])
        guard let mean, let variance else {
            throw TensorError.elementType(expected: .float32, found: scale.elementType)
        }
        let parameters = [("scale", scale), ("shift", shift), ("mean", mean), ("var", variance)]
        return try parameters.map {
            try edit.addInitializer(edit.uniqueName("\(name)_\($0.0)"), $0.1)
        }
    }
}
