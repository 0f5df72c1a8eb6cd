import Comparison

/// Where two computations of a model diverge.
public struct DivergenceReport: JSONDocument, Sendable {
    public static let schema = "divergence/1"

    struct Row: Encodable {
        let value: String
        /// The value's name on the other side.
        let other: String
        let node: String
        let op: String
        let type: JSONType
        let maxAbs: Double?
        let relative: Double?
        /// The distance in units in the last place.
        let ulp: UInt64?
        let cosine: Double?
        let tolerance: Double
        let divergent: Bool
        let problem: String?

        init(_ comparison: ValueComparison) {
            value = comparison.name
            other = comparison.otherName
            node = comparison.node
            op = comparison.operatorType
            type = JSONType(comparison.type)
            maxAbs = comparison.difference?.maxAbsolute
            relative = comparison.difference?.relative
            ulp = comparison.unitsInLastPlace
            cosine = comparison.difference?.cosine
            tolerance = comparison.tolerance
            divergent = comparison.isDivergent
            problem = comparison.problem
        }
    }

    let left: String
    let right: String
    let diverges: Bool
    /// The number of values that both have, and how many of them have different names.
    let matched: Int
    let matchedByStructure: Int
    let compared: Int
    let windows: Int
    let runs: Int
    let first: Row?
    let inputsOfFirst: [Row]
    /// The inputs of the first divergent value that only the left side has.
    let unmatchedInputs: [String]
    let outputs: [Row]
    /// The values in topological order.
    let values: [Row]

    /// A report on where two files diverge.
    public init(_ result: DivergenceSearch.Result, left: String, right: String) {
        self.left = left
        self.right = right
        let outputs = result.outputs.map(Row.init)
        self.outputs = outputs
        diverges = result.first != nil || outputs.contains(where: \.divergent)
        matched = result.pairs
        matchedByStructure = result.structuralPairs
        compared = result.comparisons.count
        windows = result.windows
        runs = result.runs
        first = result.first.map(Row.init)
        inputsOfFirst = result.inputsOfFirst.map(Row.init)
        unmatchedInputs = result.unmatchedInputs
        values = result.comparisons.map(Row.init)
    }

    /// The place of the first divergent value, and its error.
    public var failure: (place: String, problem: String)? {
        guard let row = first ?? outputs.first(where: \.divergent) else { return nil }
        let difference =
            "relative difference \(Quantity.error(row.relative ?? .nan)), "
            + "tolerance \(Quantity.error(row.tolerance))"
        return (row.node, "value \"\(row.value)\" is the first that diverges: \(row.problem ?? difference)")
    }

    /// The first divergent value and the inputs of its node, the outputs, and how the values were compared.
    ///
    /// - Parameter detailed: whether to list every compared value.
    public func text(detailed: Bool, _ style: TextStyle = .plain) -> String {
        var parts: [String] = []
        if detailed { parts.append(DivergenceReport.table("value", values, style)) }
        if let first {
            let title = "first divergent value"
            parts.append(DivergenceReport.table(title, [first], style))
            if !inputsOfFirst.isEmpty {
                parts.append(DivergenceReport.table("its inputs", inputsOfFirst, style))
            }
        }
        if !outputs.isEmpty { parts.append(DivergenceReport.table("output", outputs, style)) }
        return (parts + [facts]).joined(separator: "\n")
    }

    private static func table(_ title: String, _ rows: [Row], _ style: TextStyle) -> String {
        var table = TextTable([
            (title, .left), ("operator", .left), ("type", .left), ("max abs", .right), ("relative", .right),
            ("ULP", .right), ("cosine", .right), ("", .left),
        ])
        for row in rows {
            let cells: [String] = [
                row.value == row.other ? row.value : "\(row.value) = \(row.other)", row.op, row.type.text,
                row.maxAbs.map(Quantity.error) ?? "", row.relative.map(Quantity.error) ?? "",
                row.ulp.map { Quantity.count(Int(clamping: $0)) } ?? "",
                row.cosine.map { Quantity.fixed($0, decimals: 6) } ?? "",
                row.problem ?? (row.divergent ? "beyond \(Quantity.error(row.tolerance))" : ""),
            ]
            table.add(cells, tones: [cells.count - 1: .bad])
        }
        return table.text(style)
    }

    private var facts: String {
        var facts = FactList()
        facts.add("left", left)
        facts.add("right", right)
        facts.add(
            "compared",
            "\(compared) of \(matched) values that both have"
                + (matchedByStructure == 0 ? "" : ", \(matchedByStructure) matched by structure")
                + (windows == 1 ? "" : ", in \(runs) runs of \(windows) windows"))
        for name in unmatchedInputs {
            facts.add("not compared", "\"\(name)\", which the first divergent value is computed from")
        }
        facts.add("relative", "max abs over the largest magnitude of the value in the right")
        let tolerances = Set((values + outputs).map(\.tolerance)).sorted().map(Quantity.error)
        facts.add("tolerance", tolerances.joined(separator: ", ") + " relative")
        facts.add("result", diverges ? "diverges" : "no value diverges")
        return facts.text
    }
}
