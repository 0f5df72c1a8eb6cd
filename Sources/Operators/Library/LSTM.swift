/// `LSTM`: long short-term memory (ONNX LSTM-1, 7, 14, 22).
///
///     it = f(Wi Xt + Wbi + Ri Ht-1 + Rbi + Pi . Ct-1)
///     ft = f(Wf Xt + Wbf + Rf Ht-1 + Rbf + Pf . Ct-1), with `input_forget` 1 - it instead
///     ct = g(Wc Xt + Wbc + Rc Ht-1 + Rbc)
///     Ct = ft . Ct-1 + it . ct
///     ot = f(Wo Xt + Wbo + Ro Ht-1 + Rbo + Po . Ct)
///     Ht = ot . h(Ct)
///
/// Shapes, layouts, directions and MACs: see `Recurrent`; the gates' order is i, o, f, c. Input 6 is
/// initial_c, input 7 the peepholes P [D, 3*H] in the order i, o, f, output 2 Y_c. f is Sigmoid, g and h are
/// Tanh unless the node names others.
public struct LSTM: Recurrent {
    public let name = "LSTM"
    public let versions = [1, 7, 14, 22]
    public let gates = 4
    public let defaultActivations: [RecurrentActivation] = [.sigmoid, .tanh, .tanh]
    public let initialStates = [5, 6]

    public func schema(opset: Int) -> OperatorSchema {
        recurrentSchema(opset, inputs: 3...8, .optional("input_forget", .flag))
    }

    public func step(_ cell: RecurrentCell, _ x: ArraySlice<Double>, _ states: inout [[Double]]) {
        let (h, c) = (states[0], states[1])
        let size = cell.hidden
        for unit in 0..<size {
            func gate(_ index: Int, _ peephole: Double) -> Double {
                cell.input(index, unit, x) + cell.recurrent(index, unit, h) + peephole
            }
            let i = cell.activate(0, gate(0, cell.peepholes[unit] * c[unit]))
            let f =
                cell.couplesForgetting
                ? 1 - i : cell.activate(0, gate(2, cell.peepholes[2 * size + unit] * c[unit]))
            let state = f * c[unit] + i * cell.activate(1, gate(3, 0))
            let o = cell.activate(0, gate(1, cell.peepholes[size + unit] * state))
            states[1][unit] = state
            states[0][unit] = o * cell.activations[2](state)
        }
    }
}
