/// `GRU`: gated recurrent units (ONNX GRU-1, 3, 7, 14, 22).
///
///     zt = f(Wz Xt + Wbz + Rz Ht-1 + Rbz)
///     rt = f(Wr Xt + Wbr + Rr Ht-1 + Rbr)
///     ht = g(Wh Xt + Wbh + Rh (rt . Ht-1) + Rbh), with `linear_before_reset` rt . (Rh Ht-1 + Rbh) instead
///     Ht = (1 - zt) . ht + zt . Ht-1
///
/// Shapes, layouts, directions and MACs: see `Recurrent`; the gates' order is z, r, h. f is Sigmoid and g
/// Tanh unless the node names others.
public struct GRU: Recurrent {
    public let name = "GRU"
    public let versions = [1, 3, 7, 14, 22]
    public let gates = 3
    public let defaultActivations: [RecurrentActivation] = [.sigmoid, .tanh]

    public func schema(opset: Int) -> OperatorSchema {
        recurrentSchema(opset, inputs: 3...6, .optional("linear_before_reset", .flag))
    }

    public func step(_ cell: RecurrentCell, _ x: ArraySlice<Double>, _ states: inout [[Double]]) {
        let h = states[0]
        func gate(_ index: Int) -> [Double] {
            (0..<cell.hidden).map {
                cell.activate(0, cell.input(index, $0, x) + cell.recurrent(index, $0, h))
            }
        }
        let (z, r) = (gate(0), gate(1))
        let resetState = zip(r, h).map { $0 * $1 }
        for unit in 0..<cell.hidden {
            let recurrent =
                cell.resetsLinearly
                ? r[unit] * cell.recurrent(2, unit, h) : cell.recurrent(2, unit, resetState)
            let candidate = cell.activate(1, cell.input(2, unit, x) + recurrent)
            states[0][unit] = (1 - z[unit]) * candidate + z[unit] * h[unit]
        }
    }
}
