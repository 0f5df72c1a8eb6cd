/// Chooses an option for each block so that enough is saved at the least loss.
enum Allocation {
    struct Option: Sendable {
        /// Multiply-accumulates saved; may be negative.
        let saved: Int
        let loss: Double
    }

    /// The best options, by a multiple-choice knapsack: dynamic programming over savings in steps of
    /// 1/`steps` of the required saving, each option rounded down. O(blocks * options * steps).
    ///
    /// - Parameters:
    ///   - blocks: the options of each block. "Nothing saved, nothing lost" must be listed if it is allowed.
    ///   - saving: the saving that all blocks together must reach.
    /// - Returns: the option of each block; nil if even the largest savings are not enough.
    static func choose(_ blocks: [[Option]], saving: Int, steps: Int = 2000) -> [Int]? {
        guard saving > 0 else {
            return blocks.map { options in options.indices.min { options[$0].loss < options[$1].loss } ?? 0 }
        }
        func units(_ saved: Int) -> Int {
            min(steps, max(0, Int(Double(saved) / Double(saving) * Double(steps))))
        }
        // best[u]: the least loss of the blocks so far that save u units or more, u capped at `steps`.
        var best = [Double](repeating: .infinity, count: steps + 1)
        best[0] = 0
        var choices: [[Int]] = []
        for options in blocks {
            var next = [Double](repeating: .infinity, count: steps + 1)
            var choice = [Int](repeating: -1, count: steps + 1)
            for (index, option) in options.enumerated() {
                let gain = units(option.saved)
                for (reached, loss) in best.enumerated() where loss < .infinity {
                    let total = min(steps, reached + gain)
                    if loss + option.loss < next[total] {
                        next[total] = loss + option.loss
                        choice[total] = index * (steps + 1) + reached
                    }
                }
            }
            best = next
            choices.append(choice)
        }
        // Rounding down may leave an exact sum slightly short of `steps`.
        guard
            let end = best.indices.reversed().first(where: { end in
                best[end] < .infinity && total(blocks, trace(choices, from: end, steps)) >= saving
            })
        else { return nil }
        return trace(choices, from: end, steps)
    }

    private static func trace(_ choices: [[Int]], from end: Int, _ steps: Int) -> [Int] {
        var place = end
        return choices.reversed().map { choice in
            defer { place = choice[place] % (steps + 1) }
            return choice[place] / (steps + 1)
        }.reversed()
    }

    private static func total(_ blocks: [[Option]], _ chosen: [Int]) -> Int {
        zip(blocks, chosen).reduce(0) { $0 + $1.0[$1.1].saved }
    }
}
