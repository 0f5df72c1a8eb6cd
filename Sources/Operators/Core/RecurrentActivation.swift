import Glibc
import GraphIR

/// The activation functions of RNN, GRU and LSTM, named in any letter case.
public enum RecurrentActivation: String, CaseIterable, Sendable {
    case relu, tanh, sigmoid, affine, leakyRelu, thresholdedRelu, scaledTanh, hardSigmoid, elu, softsign
    case softplus

    /// The default values of alpha and beta; nil if the function has no such parameter.
    private var defaults: (alpha: Float?, beta: Float?) {
        switch self {
        case .relu, .tanh, .sigmoid, .softsign, .softplus: (nil, nil)
        case .affine: (1, 0)
        case .leakyRelu: (0.01, nil)
        case .thresholdedRelu, .elu: (1, nil)
        case .scaledTanh: (1, 1)
        case .hardSigmoid: (0.2, 0.5)
        }
    }

    private func function(alpha: Double, beta: Double) -> (Double) -> Double {
        switch self {
        case .relu: { max($0, 0) }
        case .tanh: { Glibc.tanh($0) }
        case .sigmoid: { 1 / (1 + exp(-$0)) }
        case .affine: { alpha * $0 + beta }
        case .leakyRelu: { $0 < 0 ? alpha * $0 : $0 }
        case .thresholdedRelu: { $0 > alpha ? $0 : 0 }
        case .scaledTanh: { alpha * Glibc.tanh(beta * $0) }
        case .hardSigmoid: { min(max(alpha * $0 + beta, 0), 1) }
        case .elu: { $0 < 0 ? alpha * expm1($0) : $0 }
        case .softsign: { $0 / (1 + abs($0)) }
        case .softplus: { max($0, 0) + log1p(exp(-abs($0))) }
        }
    }

    /// The functions of each direction. Those with an alpha or a beta take them from `activation_alpha` and
    /// `activation_beta` in turn.
    ///
    /// - Throws: `OperatorError.attribute` for an unknown function, or too few functions.
    static func functions(_ context: OperatorContext, _ fallback: [RecurrentActivation], directions: Int)
        throws(OperatorError) -> [[(Double) -> Double]]
    {
        var names = [[RecurrentActivation]](repeating: fallback, count: directions).flatMap { $0 }
        if let given = try context.strings("activations"), !given.isEmpty {
            guard given.count == names.count else {
                throw context.error(
                    .attribute, "\(given.count) activations do not fit, there must be \(names.count)")
            }
            for (position, name) in given.enumerated() {
                let lower = name.lowercased()
                guard let known = allCases.first(where: { $0.rawValue.lowercased() == lower }) else {
                    throw context.error(.attribute, "activation \"\(name)\" is unknown")
                }
                names[position] = known
            }
        }
        var alphas = (try context.floats("activation_alpha") ?? [])[...]
        var betas = (try context.floats("activation_beta") ?? [])[...]
        let functions = names.map { name in
            let alpha = name.defaults.alpha.map { alphas.popFirst() ?? $0 }
            let beta = name.defaults.beta.map { betas.popFirst() ?? $0 }
            return name.function(alpha: Double(alpha ?? 0), beta: Double(beta ?? 0))
        }
        return (0..<directions).map { Array(functions[($0 * fallback.count)..<(($0 + 1) * fallback.count)]) }
    }
}
