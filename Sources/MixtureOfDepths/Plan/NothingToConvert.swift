import GraphIR

extension ConversionError {
    /// Why a plan converts no block of a graph: the graph is not a plain network, the placement leaves all
    /// convertible blocks, or each block has an obstacle.
    public static func nothing(in plan: MoDPlan, _ graph: Graph) -> ConversionError {
        if let node = graph.nodes.first(where: isQuantised) { return .quantised(graph.label(of: node)) }
        if let node = graph.nodes.first(where: isFused) { return .fused(graph.label(of: node)) }
        let recipe = plan.request.recipe
        let left = plan.entries.filter { entry in
            if case .keep = entry.verdict {
                recipe.obstacle(of: entry.block, in: graph) == nil
            } else {
                false
            }
        }
        if let first = left.first {
            return .leftByPlacement(
                plan.request.recipe.placement, blocks: left.count, first: first.block.scope,
                place: "\(first.stage).\(first.index)")
        }
        for case .trainingMode(let label)? in plan.entries.map(\.block.obstacle) {
            return .trainingMode(label)
        }
        let obstacles = plan.entries.compactMap { entry -> Obstacle? in
            if case .notEligible(let obstacle) = entry.verdict {
                obstacle
            } else {
                recipe.obstacle(of: entry.block, in: graph)
            }
        }
        let couldBeHidden = recipe.isCalibrated && !recipe.cutsHiddenUnits
        let reasons = obstacles.map(\.description).reduce(into: [String]()) { reasons, reason in
            if !reasons.contains(reason) { reasons.append(reason) }
        }
        let unsaid = reasons.count - longestList
        return .nothingToConvert(
            reasons: reasons.prefix(longestList) + (unsaid > 0 ? ["\(unsaid) other reasons"] : []),
            hasOpenShape: obstacles.contains { if case .dynamicShape = $0 { true } else { false } },
            hiddenBlocks: couldBeHidden ? BlockRecogniser.hiddenBlocks(in: graph) : 0)
    }

    /// Reasons beyond these are only counted.
    private static let longestList = 3

    private static func isQuantised(_ node: Node) -> Bool {
        let name = node.operatorType
        return name.hasPrefix("QLinear") || name == "ConvInteger" || name == "MatMulInteger"
            || name == "QuantizeLinear" || name == "DequantizeLinear"
    }

    /// Whether a node fuses a convolution, such as onnxruntime's `com.microsoft.FusedConv` and
    /// `com.microsoft.nchwc.Conv` and similar operators of other runtimes.
    private static func isFused(_ node: Node) -> Bool {
        node.domain == "com.microsoft" || node.domain.hasPrefix("com.microsoft.")
            || (!node.domain.isEmpty && node.operatorType.contains("Conv"))
    }
}

extension Recipe {
    /// Why no conversion by this recipe can replace the block, in whichever way; nil if one can.
    fileprivate func obstacle(of block: ConvBlock, in graph: Graph) -> Obstacle? {
        if let obstacle = obstacle(of: block) { return obstacle }
        guard case .calibrated(let recipe, _) = self, let reduction = recipe.reduction else { return nil }
        switch LayeredBody.of(block, in: graph) {
        case .failure(let obstacle): return obstacle
        case .success(let body):
            let obstacles = reduction.ways.map { $0.obstacle(block, body) }
            return obstacles.contains(nil) ? nil : obstacles.first ?? nil
        }
    }

    fileprivate var isCalibrated: Bool { if case .calibrated = self { true } else { false } }
}

extension BlockRecogniser {
    /// The number of blocks whose hidden units can be cut.
    fileprivate static func hiddenBlocks(in graph: Graph) -> Int {
        stages(in: graph, chains: true).flatMap(\.blocks).count { block in
            guard block.hiddenObstacle == nil, case .success = LayeredBody.of(block, in: graph) else {
                return false
            }
            return true
        }
    }
}
