import GraphIR

/// `If`: the outputs of one of two subgraphs, which read the enclosing graph's values by name
/// (ONNX If-1, 11, 13, 16, 19, 21, 23).
///
/// An extent (or the rank) in which the branches' output shapes differ is unknown.
///
/// MACs: those of the more expensive branch, or of the one that runs if the condition is constant.
public struct If: Operator {
    public let name = "If"
    public let versions = [1, 11, 13, 16, 19, 21, 23]

    public func schema(opset: Int) -> OperatorSchema {
        OperatorSchema(
            inputs: 1...1, outputs: 1...OperatorSchema.unbounded, .required("else_branch", .graph),
            .required("then_branch", .graph))
    }

    public func inferTypes(_ context: OperatorContext) throws(OperatorError) -> [TensorType?] {
        let then = try outputTypes(context, "then_branch")
        let otherwise = try outputTypes(context, "else_branch")
        guard then.count == otherwise.count else {
            throw context.error(.attribute, "the branches differ in their number of outputs")
        }
        if let condition = context.integers(input: 0)?.first { return condition != 0 ? then : otherwise }
        return zip(then, otherwise).map { a, b in
            guard let a, let b, a.elementType == b.elementType else { return nil }
            guard let p = a.shape, let q = b.shape, p.rank == q.rank else {
                return TensorType(a.elementType, nil)
            }
            let dims = zip(p.dims, q.dims).map { $0.isKnownEqual(to: $1) ? $0 : .unknown }
            return TensorType(a.elementType, Shape(dims))
        }
    }

    public func cost(_ context: OperatorContext) -> Cost? {
        func cost(_ name: String) -> Cost? {
            let graph = try? branch(context, name).inferred(captures: context.captureTypes)
            return graph.flatMap { MACCount($0).totalCost }
        }
        if let condition = context.integers(input: 0)?.first {
            return cost(condition != 0 ? "then_branch" : "else_branch")
        }
        guard let then = cost("then_branch"), let otherwise = cost("else_branch") else { return nil }
        return (then.macs, then.elementaryOperations) >= (otherwise.macs, otherwise.elementaryOperations)
            ? then : otherwise
    }

    public func evaluate(_ context: OperatorContext, _ inputs: [Tensor?]) throws -> [Tensor] {
        guard let condition = try context.required(inputs, 0).integers?.first else {
            throw context.error(.elementType, "the condition must be one boolean")
        }
        let branch = try branch(context, condition != 0 ? "then_branch" : "else_branch")
        return try ReferenceEvaluator.run(
            branch, inputs: [:], captures: context.captures, budget: context.budget
        ).map(\.tensor)
    }

    private func branch(_ context: OperatorContext, _ name: String) throws(OperatorError) -> Graph {
        guard case .graph(let graph) = context.attributes[name] else {
            throw context.error(.attribute, "attribute \"\(name)\" must be a graph")
        }
        return graph
    }

    private func outputTypes(_ context: OperatorContext, _ name: String)
        throws(OperatorError) -> [TensorType?]
    {
        let graph = try branch(context, name)
        do {
            let inferred = try graph.inferred(captures: context.captureTypes)
            return inferred.outputs.map { inferred[$0].tensorType }
        } catch let error as OperatorError {
            throw error
        } catch {
            throw context.error(.attribute, "attribute \"\(name)\" is not a valid graph")
        }
    }
}
