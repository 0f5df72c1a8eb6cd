import GraphIR
import Operators

/// Gives inputs the shapes that the user requests, and every value the shape that follows from them.
///
///     before: x [N,3,H,W] -> Conv -> y [N,64,?,?]
///     after:  x [1,3,224,224] -> Conv -> y [1,64,112,112]         for x=1x3x224x224
///
/// Conditions:
/// 1. Every shape names an input without a default (or belongs to the only one), at most one shape for each.
/// 2. It has the input's rank, and agrees with every extent that the input declares as a number.
/// 3. A symbol that occurs several times becomes the same extent everywhere.
///
/// Symbols are replaced in the types of all values, so the declared types of inner values and outputs follow.
/// An extent that the user writes as a symbol stays open under that name.
public struct FixInputShapes: Pass {
    public let name = "fix-input-shapes"
    public let summary = "Inputs get the shapes that --input-shape gives."

    let shapes: [InputShape]
    private let option: String

    /// The pass that fixes these shapes.
    ///
    /// - Parameter option: the name of the option in errors.
    public init(_ shapes: [InputShape], option: String = "--input-shape") {
        self.shapes = shapes
        self.option = option
    }

    /// - Throws: `InputShapeError` if a condition fails; `OperatorError` if a node cannot work on the shapes.
    public func run(_ graph: Graph) throws -> Graph? {
        guard !shapes.isEmpty else { return nil }
        var edit = GraphEdit(graph)
        var replacements: [String: Dim] = [:]
        var fixed: Set<ValueID> = []
        for shape in shapes {
            let input = try input(shape, of: graph)
            guard fixed.insert(input.id).inserted else {
                throw error(
                    shape, "input \"\(input.name)\" is given twice", remedy: "give each input one shape")
            }
            try collect(shape, for: input, into: &replacements)
            guard let type = input.tensorType else { continue }
            edit.setType(input.id, .tensor(TensorType(type.elementType, Shape(shape.dims))))
            edit.setDeclaredType(input.id, nil)
        }
        for value in graph.values where !fixed.contains(value.id) {
            edit.setType(value.id, value.type?.replacing(replacements))
            edit.setDeclaredType(value.id, value.declaredType?.replacing(replacements))
        }
        guard edit.hasChanges else { return nil }
        let inferred = try ShapeInference.infer(try edit.commit())
        return try declaringKnownExtents(of: inferred)
    }

    /// Declares, for inputs and outputs whose extents the source leaves open, the extents that follow from
    /// the shapes.
    private func declaringKnownExtents(of graph: Graph) throws -> Graph {
        var edit = GraphEdit(graph)
        for input in graph.inputs where graph[input].shape?.isStatic == true {
            edit.setDeclaredType(input, nil)
        }
        for output in graph.outputs {
            guard let declared = graph[output].declaredType?.tensor, let type = graph[output].tensorType,
                let merged = declared.merged(with: type)
            else { continue }
            edit.setDeclaredType(output, .tensor(merged))
        }
        return try edit.commit()
    }

    // MARK: Conditions

    private func error(_ shape: InputShape, _ problem: String, remedy: String) -> InputShapeError {
        InputShapeError(option, shape, problem, remedy: remedy)
    }

    private func input(_ shape: InputShape, of graph: Graph) throws(InputShapeError) -> Value {
        let inputs = graph.requiredInputs.map { graph[$0] }
        let names = inputs.map(\.name).joined(separator: ", ")
        guard let name = shape.name else {
            guard inputs.count == 1 else {
                throw error(
                    shape, "the model has \(inputs.count) inputs", remedy: "name one of: \(names)")
            }
            return inputs[0]
        }
        guard let input = inputs.first(where: { $0.name == name }) else {
            throw error(
                shape, "the model has no input \"\(name)\"", remedy: "name one of: \(names)")
        }
        return input
    }

    /// Checks a shape against its input's declaration, and records the extents of the input's symbols.
    private func collect(
        _ shape: InputShape, for input: Value, into replacements: inout [String: Dim]
    ) throws(InputShapeError) {
        guard input.tensorType != nil else {
            throw error(
                shape, "input \"\(input.name)\" is no tensor", remedy: "leave it as it is")
        }
        // A batch that the source does not name belongs to this input alone.
        guard let declared = input.signatureType?.tensor?.shape else { return }
        let text = "input \"\(input.name)\" is declared \(declared)"
        guard declared.rank == shape.dims.count else {
            throw error(
                shape, "\(text), with \(declared.rank) extents", remedy: "give as many extents")
        }
        for (axis, (old, new)) in zip(declared.dims, shape.dims).enumerated() {
            switch old {
            case .fixed(let extent):
                guard new == old else {
                    throw error(
                        shape, "\(text), which fixes \(extent)",
                        remedy: "only extents that the source leaves open can be chosen")
                }
            case .symbol(let symbol):
                guard (replacements.updateValue(new, forKey: symbol) ?? new) == new else {
                    throw error(
                        shape, "\(symbol) would have two extents", remedy: "give it one")
                }
            case .unknown:
                // The inputs share the unnamed batch until they are given different ones.
                guard case .symbol(let shared)? = input.shape?.dims[axis] else { continue }
                let isSame = replacements[shared].map { $0 == new } ?? true
                replacements[shared] = isSame ? new : .unknown
            }
        }
    }
}

extension ValueType {
    /// The type with the symbols of a tensor's shape replaced.
    fileprivate func replacing(_ replacements: [String: Dim]) -> ValueType {
        guard case .tensor(var type) = self, var shape = type.shape else { return self }
        for (axis, dim) in shape.dims.enumerated() {
            if case .symbol(let symbol) = dim, let new = replacements[symbol] { shape[axis] = new }
        }
        type.shape = shape
        return .tensor(type)
    }
}
