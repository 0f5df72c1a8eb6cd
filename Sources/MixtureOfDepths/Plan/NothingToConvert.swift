import GraphIR

extension ConversionError {
    /// Why a plan converts no block of a graph: the graph is not a plain network, the placement leaves all blocks that
    /// could be converted, or each block's reason.
    public static func nothing(in plan: MoDPlan, _ graph: Graph) -> ConversionError {
        if let node = graph.nodes.first(where: isQuantised) { return .quantised(graph.label(of: node)) }
        if let node = graph.nodes.first(where: isFused) { return .fused(graph.label(of: node)) }
        let left = plan.entries.filter { entry in
            if case .keep = entry.verdict { entry.block.obstacle == nil } else { false }
        }
        if let first = left.first {
            return .leftByPlacement(
                plan.options.blocks.text, blocks: left.count, first: first.block.scope,
                place: "\(first.stage).\(first.index)")
        }
        for case .trainingMode(let label)? in plan.entries.map(\.block.obstacle) {
            return .trainingMode(label)
        }
        let reasons = plan.entries.reduce(into: [String]()) { reasons, entry in
            var obstacle = entry.block.obstacle
            if case .notEligible(let other) = entry.verdict { obstacle = other }
            guard let reason = obstacle?.description, !reasons.contains(reason) else { return }
            reasons.append(reason)
        }
        let unsaid = reasons.count - longestList
        return .nothingToConvert(
            reasons: reasons.prefix(longestList) + (unsaid > 0 ? ["\(unsaid) other reasons"] : []))
    }

    /// Further reasons are only counted.
    private static let longestList = 3

    private static func isQuantised(_ node: Node) -> Bool {
        let name = node.operatorType
        return name.hasPrefix("QLinear") || name == "ConvInteger" || name == "MatMulInteger"
            || name == "QuantizeLinear" || name == "DequantizeLinear"
    }

    /// onnxruntime's own operators, such as `com.microsoft.FusedConv` and `com.microsoft.nchwc.Conv`, and those
    /// of others that fuse a convolution.
    private static func isFused(_ node: Node) -> Bool {
        node.domain == "com.microsoft" || node.domain.hasPrefix("com.microsoft.")
            || (!node.domain.isEmpty && node.operatorType.contains("Conv"))
    }
}
