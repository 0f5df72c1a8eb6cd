/// The position of a block: its stage, and its index there, both from 0.
struct BlockPlace: Hashable {
    let stage: Int
    let index: Int
}

/// The positions whose blocks are converted.
enum Placement {
    case alternate
    case all
    case named(Set<BlockPlace>)
    /// Those at the paper's positions among the blocks that a deepening appended to stages of these depths.
    case appended(depthsBefore: [Int])

    /// - Throws: `ConversionError` if a named block does not exist, or cannot be converted.
    init(_ recipe: Recipe, _ stages: [Stage], depthsBefore: [Int]) throws(ConversionError) {
        switch recipe {
        case .deepened: self = .appended(depthsBefore: depthsBefore)
        case .paper(_, .alternate), .calibrated(_, .alternate): self = .alternate
        case .paper(_, .all), .calibrated(_, .all): self = .all
        case .paper(_, .named(let names)), .calibrated(_, .named(let names)):
            self = .named(try Placement.places(of: names, stages, recipe))
        }
    }

    /// Why the placement leaves a block; nil if it takes the block.
    ///
    /// - Parameter beforeObstacles: asks for the reasons that hold even if the block has an obstacle.
    func reasonToKeep(_ place: BlockPlace, beforeObstacles: Bool) -> Verdict.KeepReason? {
        switch (self, beforeObstacles) {
        case (.alternate, true): place.index == 0 ? .firstOfStage : nil
        case (.alternate, false): place.index.isMultiple(of: 2) ? .evenPosition : nil
        case (.named(let places), false): places.contains(place) ? nil : .notNamed
        case (.appended(let depths), true):
            if !depths.indices.contains(place.stage) || place.index < depths[place.stage] {
                .notAppended
            } else {
                place.index.isMultiple(of: 2) ? .evenPosition : nil
            }
        case (.all, _), (.named, true), (.appended, false): nil
        }
    }

    /// The positions that a user's names stand for.
    private static func places(
        of names: [String], _ stages: [Stage], _ recipe: Recipe
    ) throws(ConversionError) -> Set<BlockPlace> {
        var places: Set<BlockPlace> = []
        for name in names {
            let matches = stages.flatMap { stage in
                stage.blocks.enumerated()
                    .filter { isMatch(name, stage: stage.index, index: $0.offset, $0.element) }
                    .map { (BlockPlace(stage: stage.index, index: $0.offset), $0.element) }
            }
            guard let (place, block) = matches.first else { throw .unknownBlock(name) }
            if let obstacle = recipe.obstacle(of: block) { throw .blockNotEligible(name, obstacle) }
            places.insert(place)
        }
        return places
    }

    private static func isMatch(_ name: String, stage: Int, index: Int, _ block: ConvBlock) -> Bool {
        name == "\(stage).\(index)" || name == block.scope
            || (!name.isEmpty && block.scope.hasSuffix("/" + name))
    }
}
