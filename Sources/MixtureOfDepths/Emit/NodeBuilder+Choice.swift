import GraphIR

/// The nodes that choose: by the highest scores, in ascending order, with ties broken, and as a mask.
extension NodeBuilder {
    /// The values and the indices of the `count` largest, or smallest, along axis 1.
    ///
    /// - Parameter sorted: false where the order of the results does not matter, which lets some runtimes
    ///   save time.
    mutating func topK(
        _ value: ValueID, _ count: Int, _ path: String, largest: Bool, sorted: Bool = true
    ) throws -> (values: ValueID, indices: ValueID) {
        let k = Int64(count)
        let outputs: [ValueID]
        if opset < 10 {
            outputs = try addMany("TopK", [value], path, ["axis": .int(1), "k": .int(k)], outputs: 2)
        } else {
            let kept = try constant("\(path)/k", Tensor([k]))
            var attributes: Attributes = ["axis": .int(1)]
            if opset >= 11 {
                attributes["largest"] = .int(largest ? 1 : 0)
                if !sorted { attributes["sorted"] = .int(0) }
            }
            outputs = try addMany("TopK", [value, kept], path, attributes, outputs: 2)
        }
        return (outputs[0], outputs[1])
    }

    /// The indices [N, k, 1, 1] of the k highest scores, of equal ones those of the lowest index, whichever of them
    /// TopK takes. Its values do not depend on that; the least of them tells the certain from the tied:
    ///
    ///     values ── ReduceMin ─┬─ Greater(scores) ─┐
    ///                          └─ Equal(scores) ── Where(2 U - i, U - i, -1 - i) ── keys, all different ── TopK
    ///
    /// The keys are integers, which quantizers leave alone.
    mutating func breakTies(
        _ scores: ValueID, _ values: ValueID, _ k: Int, of units: Int, in scope: String
    ) throws -> ValueID {
        func keys(_ name: String, from start: Int) throws -> ValueID {
            let keys = (0..<units).map { Int64(start - $0) }
            return try constant("\(scope)ties/\(name)", try Tensor(shape: [1, units, 1, 1], keys))
        }
        let (certain, tied, rejected) = (
            try keys("certain", from: 2 * units), try keys("tied", from: units),
            try keys("rejected", from: -1)
        )
        let least = try reduce("ReduceMin", values, 1, "\(scope)ties")
        let isCertain = try add("Greater", [scores, least], "\(scope)ties")
        let isTied = try add("Equal", [scores, least], "\(scope)ties")
        let others = try add("Where", [isTied, tied, rejected], "\(scope)ties/others")
        let all = try add("Where", [isCertain, certain, others], "\(scope)ties")
        return try topK(all, k, "\(scope)ties", largest: true).indices
    }

    /// A reduction along one axis, which stays with an extent of 1.
    mutating func reduce(
        _ operatorType: String, _ value: ValueID, _ axis: Int64, _ path: String
    ) throws -> ValueID {
        guard opset >= 18 else {
            return try add(operatorType, [value], path, ["axes": .ints([axis]), "keepdims": .int(1)])
        }
        let axes = try constant("\(path)/axes", Tensor([axis]))
        return try add(operatorType, [value, axes], path, ["keepdims": .int(1)])
    }

    /// 1 for the units that indices [N, count, 1, 1] name, 0 for all others, [N, units, 1, 1].
    mutating func mask(
        of indices: ValueID, of units: Int, _ type: ElementType, _ path: String
    ) throws -> ValueID {
        // torch.export traces no Reshape of onnx2torch.
        let row = try add("Transpose", [indices], "\(path)/indices", ["perm": .ints([0, 2, 1, 3])])
        let all = try constant(
            "\(path)/units", try Tensor(shape: [1, units, 1, 1], (0..<units).map(Int64.init)))
        let isChosen = try add("Equal", [row, all], path)
        let ones = try add("Cast", [isChosen], path, ["to": .int(Int64(type.rawValue))])
        return try reduce("ReduceMax", ones, 2, path)
    }

    /// Indices [N, count, 1, 1] in ascending order.
    ///
    /// From opset 11 on, TopK takes integers and can return the smallest first. Before that, -i is sorted as
    /// floats, which is exact below 2^24 channels.
    mutating func sorted(_ indices: ValueID, _ count: Int, in scope: String) throws -> ValueID {
        guard opset < 11 else { return try topK(indices, count, "\(scope)sort", largest: false).values }
        let minusOne = try constant("sort/minus_one", Tensor(scalar: Float(-1)))
        let float = try add("Cast", [indices], "sort/float", ["to": .int(1)])
        let negative = try add("Mul", [float, minusOne], "sort/negate")
        let sorted = try topK(negative, count, "sort", largest: true).values
        let positive = try add("Mul", [sorted, minusOne], "sort/restore")
        return try add("Cast", [positive], "sort/integer", ["to": .int(7)])
    }
}
