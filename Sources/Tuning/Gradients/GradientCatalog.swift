/// The operators that have a gradient.
enum GradientCatalog {
    /// The step of a node.
    ///
    /// - Throws: `TuningError.noGradient` if the operator, or its use, has no gradient here.
    static func step(_ source: StepSource) throws(TuningError) -> any Step {
        guard source.node.domain.isEmpty, let make = makers[source.node.operatorType] else {
            throw source.unsupported
        }
        return try make(source)
    }

    private typealias Maker = @Sendable (StepSource) throws(TuningError) -> any Step

    private static let makers: [String: Maker] = [
        // Products.
        "Conv": { (source) throws(TuningError) in try convolution(source) },
        // Functions of one number.
        "Relu": { (source) throws(TuningError) in try Elementwise(Relu(), source) },
        "LeakyRelu": { (source) throws(TuningError) in try Elementwise(LeakyRelu(source), source) },
        "Clip": { (source) throws(TuningError) in try Elementwise(Clip(source), source) },
        "Sigmoid": { (source) throws(TuningError) in try Elementwise(Sigmoid(), source) },
        "HardSigmoid": { (source) throws(TuningError) in try Elementwise(HardSigmoid(source), source) },
        "HardSwish": { (source) throws(TuningError) in try Elementwise(HardSwish(), source) },
        "Tanh": { (source) throws(TuningError) in try Elementwise(Tanh(), source) },
        "Erf": { (source) throws(TuningError) in try Elementwise(Erf(), source) },
        "Softplus": { (source) throws(TuningError) in try Elementwise(Softplus(), source) },
        "Elu": { (source) throws(TuningError) in try Elementwise(Elu(source), source) },
        "Gelu": { (source) throws(TuningError) in try Elementwise(Gelu(source), source) },
        "Identity": { (source) throws(TuningError) in try Elementwise(Identity(), source) },
        // Functions of two.
        "Add": { (source) throws(TuningError) in try Broadcasting<Add>(source) },
        "Sub": { (source) throws(TuningError) in try Broadcasting<Sub>(source) },
        "Mul": { (source) throws(TuningError) in try Broadcasting<Mul>(source) },
        "Div": { (source) throws(TuningError) in try Broadcasting<Div>(source) },
        "PRelu": { (source) throws(TuningError) in try Broadcasting<PRelu>(source) },
        "Max": { (source) throws(TuningError) in try ofTwo(Broadcasting<Max>(source), source) },
        "Min": { (source) throws(TuningError) in try ofTwo(Broadcasting<Min>(source), source) },
        "Pow": { (source) throws(TuningError) in
            _ = try source.constant(1)
            return try Broadcasting<Pow>(source)
        },
        // By channel.
        "BatchNormalization": { (source) throws(TuningError) in try Normalisation(source) },
        "GlobalAveragePool": { (source) throws(TuningError) in try GlobalMean(source) },
        "ReduceMean": { (source) throws(TuningError) in try GlobalMean(source) },
        "AveragePool": { (source) throws(TuningError) in try Pooling(source, isMaximum: false) },
        "MaxPool": { (source) throws(TuningError) in try Pooling(source, isMaximum: true) },
    ]

    private static func convolution(_ source: StepSource) throws(TuningError) -> any Step {
        let geometry = try ConvolutionGeometry(source)
        return geometry.isDepthwise ? DepthwiseConvolution(geometry) : Convolution(geometry)
    }

    private static func ofTwo(_ step: any Step, _ source: StepSource) throws(TuningError) -> any Step {
        guard source.operands.count == 2 else { throw source.unsupported }
        return step
    }
}
