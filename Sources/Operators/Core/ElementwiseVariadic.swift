import GraphIR

/// An operator that folds any number of broadcast inputs, element by element, from left to right.
public protocol ElementwiseVariadic: Operator {
    func combine(_ a: Double, _ b: Double) -> Double
    /// The same on integers; nil if the operator takes none.
    var integerCombine: ((Int, Int) -> Int)? { get }
    /// The result, from the fold of `count` elements.
    func finish(_ folded: Double, count: Int) -> Double
}

extension ElementwiseVariadic {
    public var integerCombine: ((Int, Int) -> Int)? { nil }
    public func finish(_ folded: Double, count: Int) -> Double { folded }

    public func schema(opset: Int) -> OperatorSchema {
        OperatorSchema(inputs: 1...OperatorSchema.unbounded)
    }

    public func inferTypes(_ context: OperatorContext) throws(OperatorError) -> [TensorType?] {
        guard let type = context.inputTypes.lazy.compactMap({ $0 }).first else { return [nil] }
        return [TensorType(type.elementType, try context.broadcastInputs())]
    }

    public func cost(_ context: OperatorContext) -> Cost? {
        .elementwise(context, perElement: max(1, context.inputCount - 1))
    }

    public func evaluate(_ context: OperatorContext, _ inputs: [Tensor?]) throws -> [Tensor] {
        var operands: [Tensor] = []
        for position in inputs.indices { operands.append(try context.required(inputs, position)) }
        let type = try context.required(inputs, 0).elementType
        guard operands.allSatisfy({ $0.elementType == type }) else {
            throw context.error(.elementType, "the inputs differ in their element type")
        }
        let broadcast = try Broadcast(context, operands.map(\.shape))
        func fold<Number>(
            _ widen: (Tensor) throws -> [Number], _ combine: (Number, Number) -> Number
        ) throws -> [Number] {
            var result = broadcast.spread(try widen(operands[0]), of: operands[0].shape)
            for operand in operands.dropFirst() {
                let next = broadcast.spread(try widen(operand), of: operand.shape)
                for index in result.indices { result[index] = combine(result[index], next[index]) }
            }
            return result
        }
        if type.isInteger, let integerCombine {
            let results: [Int] = try fold({ try $0.wholeNumbers(context) }, integerCombine)
            return [try context.tensor(type, broadcast.shape, integers: results)]
        }
        guard type.isFloatingPoint else {
            throw context.error(.elementType, "does not take \(type.onnxName) elements")
        }
        let results: [Double] = try fold({ try $0.reals(context) }, combine)
        let finished = results.map { finish($0, count: operands.count) }
        return [try context.tensor(type, broadcast.shape, reals: finished)]
    }
}
