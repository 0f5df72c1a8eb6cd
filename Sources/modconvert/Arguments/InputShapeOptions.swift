import ArgumentParser
import Comparison
import GraphIR
import Passes

/// The shapes of inputs for a check only.
struct CheckShapeOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Shape of an input in the check alone, as in input=1x3x224x224, where the model leaves extents open (default: a common size with which the model runs); may be repeated.",
            valueName: "[name=]shape"))
    var checkShape: [InputShape] = []

    /// The shapes that the options give to a graph's inputs.
    ///
    /// - Throws: `InputShapeError` for shapes that the inputs cannot have.
    func shapes(for graph: Graph) throws -> CheckShapes {
        guard let fixed = try FixInputShapes(checkShape, option: "--check-shape").run(graph) else {
            return CheckShapes()
        }
        let shapes = fixed.requiredInputs.compactMap { id in fixed[id].shape.map { (fixed[id].name, $0) } }
        return CheckShapes(Dictionary(shapes, uniquingKeysWith: { first, _ in first }))
    }
}

/// The shapes given to inputs before anything else is done with the model.
struct InputShapeOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Fix the shape of an input whose extents the model leaves open, as in input=1x3x224x224; a letter such as N keeps an extent open; may be repeated.",
            valueName: "[name=]shape"))
    var inputShape: [InputShape] = []

    /// The model with its inputs' shapes fixed, and everything that follows from them.
    ///
    /// - Throws: `InputShapeError` for shapes that the inputs cannot have.
    func apply(to model: Model) throws -> Model {
        guard let graph = try FixInputShapes(inputShape).run(model.graph) else { return model }
        var model = model
        model.graph = graph
        return model
    }
}

extension InputShape: ExpressibleByArgument {
    public init?(argument: String) { self.init(argument) }
}
