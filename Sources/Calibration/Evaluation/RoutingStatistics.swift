import GraphIR
import MixtureOfDepths

/// Counts the choices of a network's routers over inputs: how often each channel or hidden unit is chosen,
/// over all inputs and by class, and by what margin.
public struct RoutingStatistics: Sendable {
    /// One choice of one block.
    public struct Route: Sendable {
        public let scope: String
        /// The kind of the choice: the channels of the block's input, or the units of a hidden layer, counted
        /// from 1.
        public let choice: ChoiceSize.Kind
        /// The number chosen for each input.
        public let chosen: Int
        /// The channels of a choice between pairs; nil for a choice of the highest scores.
        let pairs: ChannelPairs?
        /// The number of inputs seen.
        public fileprivate(set) var samples = 0
        /// How often each channel or unit was chosen.
        public fileprivate(set) var counts: [Int] = []
        /// By class, as far as classes are known: the number of inputs, and the counts.
        public fileprivate(set) var classes: [Int: (samples: Int, counts: [Int])] = [:]
        /// The margin by input: the lowest chosen score minus the highest rejected one; of pairs, the least
        /// distance between two scores.
        public fileprivate(set) var margins: [Double] = []

        /// The share of the inputs for which each channel or unit was chosen.
        public var frequencies: [Double] { Route.shares(counts, samples) }

        /// The share of the inputs of one class for which each was chosen.
        public func frequencies(ofClass label: Int) -> [Double] {
            classes[label].map { Route.shares($0.counts, $0.samples) } ?? []
        }

        /// The mean share of one input's choice that another input does not choose: 1 - sum p² / k over the
        /// frequencies p. 0 for a choice that does not depend on the input.
        public var difference: Double {
            chosen > 0 ? 1 - frequencies.reduce(0) { $0 + $1 * $1 } / Double(chosen) : 0
        }

        /// The value of `difference` if each input chose at random: 1 - k / n, and p / 2k for p pairs among k
        /// channels.
        public var differenceAtRandom: Double {
            if let pairs { return Double(pairs.first.count) / Double(2 * max(1, chosen)) }
            return counts.isEmpty ? 0 : 1 - Double(chosen) / Double(counts.count)
        }

        private static func shares(_ counts: [Int], _ samples: Int) -> [Double] {
            counts.map { samples > 0 ? Double($0) / Double(samples) : 0 }
        }
    }

    public private(set) var routes: [Route]
    private let choices: [RoutedChoice]

    /// Statistics with nothing counted yet.
    ///
    /// - Throws: `CalibrationError.noRouting` if no block of the network chooses by its input.
    public init(_ choices: [RoutedChoice]) throws(CalibrationError) {
        guard !choices.isEmpty else { throw .noRouting }
        self.choices = choices
        routes = choices.map { choice in
            Route(
                scope: choice.scope, choice: choice.kind,
                chosen: choice.count + (choice.pairs?.constant.count ?? 0), pairs: choice.pairs)
        }
    }

    /// The values that a run has to return for `add`.
    public var taps: [String] { choices.flatMap { [$0.scores, $0.indices] } }

    /// Counts a batch.
    ///
    /// - Parameters:
    ///   - values: the results of a run, the taps among them.
    ///   - labels: the class of each of the batch's inputs; nil where it is not known.
    /// - Throws: `CalibrationError` if a router's indices are not those of its highest scores.
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
                let scores = Array(numbers[(sample * units)..<((sample + 1) * units)])
                guard let pairs = choice.pairs else {
                    routes[index].add(Array(row), scores: scores, label: labels?[sample])
                    continue
                }
                guard (pairs.first + pairs.second + pairs.constant).allSatisfy((0..<units).contains) else {
                    throw .notAChoice(block: choice.scope)
                }
                routes[index].add(
                    pairs.channels(takingSecond: row.map { $0 != 0 }), scores: scores, label: labels?[sample])
            }
        }
    }
}

extension RoutingStatistics.Route {
    fileprivate init(scope: String, choice: ChoiceSize.Kind, chosen: Int, pairs: ChannelPairs?) {
        self.scope = scope
        self.choice = choice
        self.chosen = chosen
        self.pairs = pairs
    }

    fileprivate mutating func add(_ row: [Int], scores: [Double], label: Int?) {
        if counts.isEmpty { counts = [Int](repeating: 0, count: scores.count) }
        samples += 1
        for unit in row { counts[unit] += 1 }
        if let label {
            var entry = classes[label] ?? (0, [Int](repeating: 0, count: scores.count))
            entry.samples += 1
            for unit in row { entry.counts[unit] += 1 }
            classes[label] = entry
        }
        if let pairs {
            let distances = zip(pairs.first, pairs.second).map { abs(scores[$0] - scores[$1]) }
            if let least = distances.min() { margins.append(least) }
            return
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
