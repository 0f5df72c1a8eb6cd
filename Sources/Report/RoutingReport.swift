/// How often each channel or hidden unit of each routed block is chosen: the paper's figure 4 for any model.
public struct RoutingReport: JSONDocument, Sendable {
    public static let schema = "routing/1"

    /// One choice of one block.
    public struct Route: Encodable, Sendable {
        public let block: String
        /// `channels`, `channels in pairs`, or `units of layer 1` for the first hidden layer.
        public let choice: String
        /// k, the number chosen.
        public let chosen: Int
        /// n, the number to choose from.
        public let units: Int
        /// The share of the inputs for which each was chosen, in the order of the channels.
        public let frequencies: [Double]
        /// The mean share of one input's choice that another input does not choose.
        public let difference: Double
        /// The value of `difference` if each input chose at random: 1 - k / n; for p pairs, p / 2k.
        public let differenceAtRandom: Double
        /// The smallest margin over the inputs: the lowest chosen score minus the highest rejected one; of
        /// pairs, the least distance between two scores.
        public let smallestMargin: Double?
        public let medianMargin: Double?
        public let classes: [ClassShare]

        public init(
            block: String, choice: String, chosen: Int, frequencies: [Double], difference: Double,
            differenceAtRandom: Double, margins: [Double], classes: [ClassShare]
        ) {
            self.block = block
            self.choice = choice
            self.chosen = chosen
            units = frequencies.count
            self.frequencies = frequencies
            self.difference = difference
            self.differenceAtRandom = differenceAtRandom
            let sorted = margins.sorted()
            smallestMargin = sorted.first
            medianMargin = sorted.isEmpty ? nil : sorted[sorted.count / 2]
            self.classes = classes
        }

        var always: Int { frequencies.count { $0 >= 1 } }
        var never: Int { frequencies.count { $0 <= 0 } }
    }

    /// One class's inputs.
    public struct ClassShare: Encodable, Sendable {
        public let label: Int
        public let name: String?
        public let samples: Int
        public let frequencies: [Double]

        public init(label: Int, name: String?, samples: Int, frequencies: [Double]) {
            self.label = label
            self.name = name
            self.samples = samples
            self.frequencies = frequencies
        }

        var title: String { name ?? "class \(label)" }
    }

    public let model: String
    public let data: String
    public let samples: Int
    /// The source of the classes: `labels`, or `predictions` of the model itself.
    public let classes: String
    public let routes: [Route]

    public init(model: String, data: String, samples: Int, hasLabels: Bool, routes: [Route]) {
        self.model = model
        self.data = data
        self.samples = samples
        classes = hasLabels ? "labels" : "predictions"
        self.routes = routes
    }

    /// A row for each choice.
    public var text: String {
        var table = TextTable(RoutingReport.columns.map { ($0.title, $0.isNumber ? .right : .left) })
        for route in routes { table.add(cells(route)) }
        var facts = FactList()
        facts.add("model", model)
        facts.add("data", "\(data), \(samples) inputs, classes by \(classes)")
        facts.add("differs", RoutingReport.meaningOfDifference)
        facts.add("margin", RoutingReport.meaningOfMargin)
        return table.text + facts.text
    }

    static let columns: [(title: String, isNumber: Bool)] = [
        ("block", false), ("choice", false), ("chosen", true), ("always", true), ("never", true),
        ("differs", true), ("at random", true), ("median margin", true), ("smallest", true),
    ]

    static let meaningOfDifference =
        "of the chosen, the mean share that another input does not choose; 1 - k/n at random"
    static let meaningOfMargin = "the lowest chosen score less the highest one that was not chosen"

    func cells(_ route: Route) -> [String] {
        [
            route.block, route.choice, "\(route.chosen) of \(route.units)", "\(route.always)",
            "\(route.never)", percent(route.difference), percent(route.differenceAtRandom),
            route.medianMargin.map(Quantity.figure) ?? "",
            route.smallestMargin.map(Quantity.figure) ?? "",
        ]
    }

    func percent(_ share: Double) -> String { Quantity.fixed(100 * share, decimals: 1) + " %" }
}
