import GraphIR
import MixtureOfDepths

/// What the routers of a network choose, counted over inputs: how often each channel or hidden unit is among
/// the chosen, over all inputs and by class, and by how much the choice is made.
public struct RoutingStatistics: Sendable {
    /// One choice of one block.
    public struct Route: Sendable {
        public let scope: String
        /// What is chosen from: the channels of the block's input, or the units of a hidden layer from 1.
        public let choice: ChoiceSize.Kind
        /// How many are chosen.
        public let chosen: Int
        /// Inputs that were seen.
        public fileprivate(set) var samples = 0
        /// How often each channel or unit was chosen.
        public fileprivate(set) var counts: [Int] = []
        /// The same by class, as far as classes were told, and the inputs of each class.
        public fileprivate(set) var classes: [Int: (samples: Int, counts: [Int])] = [:]
        /// The lowest chosen score less the highest one that was not chosen, by input.
        public fileprivate(set) var margins: [Double] = []

        /// The share of the inputs for which each channel or unit was chosen.
        public var frequencies: [Double] { Route.shares(counts, samples) }

        /// The share of the inputs of one class for which each was chosen.
        public func frequencies(ofClass label: Int) -> [Double] {
            classes[label].map { Route.shares($0.counts, $0.samples) } ?? []
        }

        /// The mean share of the chosen that another input does not choose: 1 - sum p² / k over the frequencies
        /// p. 0 for a choice that does not depend on the input.
        public var difference: Double {
            chosen > 0 ? 1 - frequencies.reduce(0) { $0 + $1 * $1 } / Double(chosen) : 0
        }

        /// What `difference` would be if each input chose at random: 1 - k / n.
        public var differenceAtRandom: Double {
            counts.isEmpty ? 0 : 1 - Double(chosen) / Double(counts.count)
        }

        private static func shares(_ counts: [Int], _ samples: Int) -> [Double] {
            counts.map { samples > 0 ? Double($0) / Double(samples) : 0 }
        }
    }

    public private(set) var routes: [Route]
    private let choices: [RoutedChoice]

    /// Nothing counted yet.
    ///
    /// - Throws: `CalibrationError.noRouting` if nothing in the network is chosen by its input.
    public init(_ choices: [RoutedChoice]) throws(CalibrationError) {
        guard !choices.isEmpty else { throw .noRouting }
        self.choices = choices
        routes = choices.map { Route(scope: $0.scope, choice: $0.kind, chosen: $0.count) }
    }

    /// The values that a run has to return for `add`.
    public var taps: [String] { choices.flatMap { [$0.scores, $0.indices] } }

    /// Counts a batch.
    ///
    /// - Parameters:
    ///   - values: what a run returned, the taps among it.
    ///   - labels: the class of each of the batch's inputs; nil where it is not known.
    /// - Throws: `CalibrationError` if a router's values are not those of a choice.
    public mutating func add(_ values: [String: Tensor], labels: [Int]?) throws(CalibrationError) {
        for (index, choice) in choices.enumerated() {
            guard let scores = values[choice.scores], let batch = scores.shape.first, batch > 0,
                let numbers = scores.doubles, let chosen = values[choice.indices]?.integers,
                chosen.count % batch == 0, chosen.count / batch >= choice.count
            else { throw .notAChoice(block: choice.scope) }
            let (units, places) = (numbers.count / batch, chosen.count / batch)
            guard chosen.allSatisfy((0..<units).contains),
                routes[index].counts.count == units
                    || routes[index].counts.isEmpty
            else { throw .notAChoice(block: choice.scope) }
            for sample in 0..<batch {
                let row = chosen[(sample * places)..<(sample * places + choice.count)]
                routes[index].add(
                    row, scores: numbers[(sample * units)..<((sample + 1) * units)], label: labels?[sample])
            }
        }
    }
}

extension RoutingStatistics.Route {
    fileprivate init(scope: String, choice: ChoiceSize.Kind, chosen: Int) {
        self.scope = scope
        self.choice = choice
        self.chosen = chosen
    }

    fileprivate mutating func add(_ row: ArraySlice<Int>, scores: ArraySlice<Double>, label: Int?) {
        if counts.isEmpty { counts = [Int](repeating: 0, count: scores.count) }
        samples += 1
        for unit in row { counts[unit] += 1 }
        if let label {
            var entry = classes[label] ?? (0, [Int](repeating: 0, count: scores.count))
            entry.samples += 1
            for unit in row { entry.counts[unit] += 1 }
            classes[label] = entry
        }
        let chosen = Set(row)
        var (lowest, highest) = (Double.infinity, -Double.infinity)
        for (unit, score) in scores.enumerated() {
            if chosen.contains(unit) {
                lowest = min(lowest, score)
            } else {
                highest = max(highest, score)
            }
        }
        if lowest.isFinite, highest.isFinite { margins.append(lowest - highest) }
    }
}
