import Verification

/// A model's outputs next to those that its test data expect.
public struct ComparisonReport: JSONDocument, Sendable {
    public static let schema = "comparison/1"

    /// One output of one data set.
    public struct Row: Encodable, Sendable {
        let dataSet: String
        let output: String
        let passed: Bool
        let maxAbsolute: Double?
        let relative: Double?
        let mismatches: Int
        let elements: Int
        let atol: Double
        let rtol: Double
        let problem: String?

        /// An output next to the one that the data set expects.
        public init(dataSet: String, output: String, _ closeness: Closeness) {
            self.dataSet = dataSet
            self.output = output
            passed = closeness.isClose
            maxAbsolute = closeness.difference?.maxAbsolute
            relative = closeness.difference?.relative
            mismatches = closeness.mismatches
            elements = closeness.elements
            atol = closeness.tolerance.absolute
            rtol = closeness.tolerance.relative
            problem = closeness.problem
        }
    }

    let passed: Bool
    /// The rows in the order of the data sets.
    public let rows: [Row]

    /// A report of these rows.
    public init(_ rows: [Row]) {
        self.rows = rows
        passed = rows.allSatisfy(\.passed)
    }

    /// The text that the command prints.
    public var text: String { text(.plain) }

    /// A line for each output, and the largest error.
    public func text(_ style: TextStyle) -> String {
        var table = TextTable([
            ("data set", .left), ("output", .left), ("max abs", .right), ("relative", .right),
            ("tolerance", .left), ("result", .left),
        ])
        for row in rows {
            let result =
                row.problem ?? (row.passed ? "passed" : "\(row.mismatches) of \(row.elements) differ")
            table.add(
                [
                    row.dataSet.split(separator: "/").last.map(String.init) ?? row.dataSet, row.output,
                    row.maxAbsolute.map(Quantity.error) ?? "",
                    row.relative.map(Quantity.error) ?? "",
                    "\(Quantity.error(row.atol)) + \(Quantity.error(row.rtol)) * |expected|", result,
                ], tones: [5: row.passed ? .good : .bad])
        }
        let worst = rows.compactMap(\.maxAbsolute).max() ?? 0
        return table.text(style) + "\nworst error \(Quantity.error(worst)) absolute\n"
    }
}

extension ComparisonReport {
    /// The first output that is not as expected, and the problem with it.
    public var failure: (place: String, problem: String)? {
        rows.first { !$0.passed }.map { row in
            let problem =
                row.problem
                ?? "\(row.mismatches) of \(row.elements) elements are not as expected, "
                + "max abs \(Quantity.error(row.maxAbsolute ?? .nan))"
            return ("\(row.dataSet): output \"\(row.output)\"", problem)
        }
    }
}
