/// `RNN`: a simple recurrent network, Ht = f(W Xt + Wb + R Ht-1 + Rb) (ONNX RNN-1, 7, 14, 22).
///
/// Shapes, layouts, directions and MACs: see `Recurrent`. f is Tanh unless the node names another.
public struct RNN: Recurrent {
    public let name = "RNN"
    public let versions = [1, 7, 14, 22]
    public let gates = 1
    public let defaultActivations: [RecurrentActivation] = [.tanh]

    public func schema(opset: Int) -> OperatorSchema {
        recurrentSchema(opset, inputs: 3...6)
    }

    public func step(_ cell: RecurrentCell, _ x: ArraySlice<Double>, _ states: inout [[Double]]) {
        let h = states[0]
        for unit in 0..<cell.hidden {
            states[0][unit] = cell.activate(0, cell.input(0, unit, x) + cell.recurrent(0, unit, h))
        }
    }
}
