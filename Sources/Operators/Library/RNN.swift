/// `RNN`: a simple recurrent network, Ht = f(W Xt + Wb + R Ht-1 + Rb) (ONNX RNN-1, 7, 14, 22).
///
/// Shapes, layouts, directions and MACs: see `Recurrent`. f is Tanh unless the node names another.
public struct RNN: Recurrent {
    public let name = "RNN"
    public let versions = [1, 7, 14, 22]
    public let gates = 1
    public let defaultActivations: [RecurrentActivation] = [.tanh]

    public func schema(opset: Int) -> OperatorSchema {
        OperatorSchema(
            inputs: 3...6, outputs: 0...2, .optional("activation_alpha", .floats),
            .optional("activation_beta", .floats), .optional("activations", .strings),
            .optional("clip", .float), .optional("direction", .string), .optional("hidden_size", .int),
            opset < 14 ? .optional("output_sequence", .flag) : .optional("layout", .flag))
    }

    public func step(_ cell: RecurrentCell, _ x: ArraySlice<Double>, _ states: inout [[Double]]) {
        let h = states[0]
        for unit in 0..<cell.hidden {
            states[0][unit] = cell.activate(0, cell.input(0, unit, x) + cell.recurrent(0, unit, h))
        }
    }
}
