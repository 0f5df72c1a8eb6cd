import GraphIR
import Operators

/// Decides for every block whether and how it becomes a MoD block.
public enum Planner {
    /// The plan for a canonical graph; changes nothing.
    ///
    /// - Throws: `ConversionError.unknownBlock` if a block is named that the graph does not have, or that
    ///   cannot be converted.
    public static func plan(_ graph: Graph, _ options: ConversionOptions) throws -> MoDPlan {
        try plan(graph, BlockRecogniser.stages(in: graph), options)
    }

    static func plan(_ graph: Graph, _ stages: [Stage], _ options: ConversionOptions) throws -> MoDPlan {
        let named = try namedBlocks(options.blocks, stages)
        var entries: [MoDPlan.Entry] = []
        for stage in stages {
            for (index, block) in stage.blocks.enumerated() {
                let isNamed = named?.contains(BlockPlace(stage: stage.index, index: index))
                entries.append(
                    MoDPlan.Entry(
                        stage: stage.index, index: index, block: block,
                        verdict: verdict(
                            graph, block, (stage.index, index), isNamed, options)))
            }
        }
        return MoDPlan(options: options, entries: entries)
    }

    private static func verdict(
        _ graph: Graph, _ block: ConvBlock, _ place: (stage: Int, index: Int), _ isNamed: Bool?,
        _ options: ConversionOptions
    ) -> Verdict {
        let index = place.index
        if options.blocks == .appended {
            let depths = options.deepening?.from ?? []
            guard depths.indices.contains(place.stage), index >= depths[place.stage] else {
                return .keep(.notAppended)
            }
            if index.isMultiple(of: 2) { return .keep(.evenPosition) }
        }
        if index == 0, options.blocks == .alternate { return .keep(.firstOfStage) }
        if let obstacle = block.obstacle { return .notEligible(obstacle) }
        if options.blocks == .alternate, index.isMultiple(of: 2) { return .keep(.evenPosition) }
        if isNamed == false { return .keep(.notNamed) }
        if options.target.isIdentity { return .keep(.ratioOne) }
        guard let channels = block.inputChannels, let layers = BodyLayer.layers(of: block.body, in: graph)
        else { return .notEligible(.noConvolution) }
        guard let form = options.form, let kind = form.kinds.first else {
            guard case .ratio(let ratio) = options.target else { return .open }
            return options.route == .hidden
                ? hiddenVerdict(block, channels, layers, ratio, options)
                : .convert(shape(channels, layers, ratio, options))
        }
        switch LayeredBody.of(block, in: graph) {
        case .failure(let obstacle): return .notEligible(obstacle)
        case .success(let body):
            guard case .ratio(let ratio) = options.target else { return .open }
            return .convert(shape(channels, body, kind, ratio, options))
        }
    }

    /// The sizes of the shrunk body: every width W of a body over C channels becomes floor(W * k / C), at
    /// least 1; for a bottleneck with W = C/4 this is the paper's k/4, for a basic block k. The body ends
    /// in k channels. Grouped convolutions lose whole groups, and stay depthwise where they are.
    static func shape(
        _ channels: Int, _ layers: [BodyLayer], _ ratio: ModRatio, _ options: ConversionOptions
    ) -> MoDShape {
        let exact = ratio.channels(of: channels)
        var k = exact
        if let unit = options.roundTo { k = min(channels, max(unit, exact / unit * unit)) }
        var hidden: [Int] = []
        var groups: [Int] = []
        for (position, layer) in layers.enumerated() {
            let inputs = position == 0 ? k : hidden[position - 1]
            let isLast = position == layers.count - 1
            guard layer.groups == 1 else {
                let count = inputs / (layer.inputChannels / layer.groups)
                groups.append(count)
                if !isLast { hidden.append(count * (layer.outputChannels / layer.groups)) }
                continue
            }
            groups.append(1)
            guard !isLast else { continue }
            let width = max(1, layer.outputChannels * k / channels)
            // A grouped layer that follows keeps whole groups.
            let next = layers[position + 1]
            let unit = next.groups == 1 ? 1 : next.inputChannels / next.groups
            hidden.append(max(unit, width / unit * unit))
        }
        return MoDShape(
            channels: channels, processed: k, hidden: hidden, groups: groups,
            selectorHidden: options.router == .topk ? max(1, channels / options.selectorReduction) : nil,
            unrounded: k == exact ? nil : exact, fused: k)
    }

    /// The sizes of a block whose hidden units are chosen, and which is to be trained: hidden layers of W units
    /// get W * `hiddenMultiple` filters, of which the ratio is computed; all inputs and outputs stay.
    private static func hiddenVerdict(
        _ block: ConvBlock, _ channels: Int, _ layers: [BodyLayer], _ ratio: ModRatio,
        _ options: ConversionOptions
    ) -> Verdict {
        guard block.shortcut != .none else { return .notEligible(.noShortcut) }
        guard layers.count >= 2 else { return .notEligible(.noHiddenLayer) }
        guard layers.allSatisfy({ $0.groups == 1 }) else { return .notEligible(.groupedBody) }
        let widths = layers.dropLast().map { $0.outputChannels * options.hiddenMultiple }
        let hidden = widths.map { width in
            let exact = ratio.channels(of: width)
            return options.roundTo.map { min(width, max($0, exact / $0 * $0)) } ?? exact
        }
        let isRouted = options.router == .topk
        return .convert(
            MoDShape(
                channels: channels, processed: channels, hidden: hidden, groups: layers.map { _ in 1 },
                selectorHidden: isRouted ? max(1, channels / options.selectorReduction) : nil,
                unrounded: nil, kind: isRouted ? .gatedHidden : .fixedHidden, fused: channels,
                widths: isRouted ? widths : nil))
    }

    /// The sizes of a block that is cut by calibration.
    ///
    /// Where channels are chosen, the body's widths are those of the paper's block. Where hidden units are
    /// chosen, each hidden layer of W units keeps max(1, floor(W R)), and all inputs and outputs stay.
    public static func shape(
        _ channels: Int, _ body: LayeredBody, _ kind: BlockKind, _ ratio: ModRatio,
        _ options: ConversionOptions
    ) -> MoDShape {
        let groups = body.layers.map { _ in 1 }
        func rounded(_ count: Int, of width: Int) -> Int {
            options.roundTo.map { min(width, max($0, count / $0 * $0)) } ?? count
        }
        let exact = ratio.channels(of: channels)
        let k = rounded(exact, of: channels)
        switch kind {
        case .dropped:
            return MoDShape(
                channels: channels, processed: 0, hidden: [], groups: [], selectorHidden: nil,
                unrounded: nil, kind: kind, fused: 0)
        case .routedHidden, .fixedHidden:
            return MoDShape(
                channels: channels, processed: channels,
                hidden: body.hidden.map { rounded(ratio.channels(of: $0), of: $0) }, groups: groups,
                selectorHidden: nil, unrounded: nil, kind: kind, fused: channels)
        case .paper, .routedChannels, .fixedChannels, .gatedHidden:
            let isFirst = options.form?.fusion == .first
            return MoDShape(
                channels: channels, processed: k, hidden: body.hidden.map { max(1, $0 * k / channels) },
                groups: groups, selectorHidden: nil, unrounded: k == exact ? nil : exact, kind: kind,
                fused: isFirst ? k : channels)
        }
    }

    // MARK: Naming blocks

    struct BlockPlace: Hashable {
        let stage: Int
        let index: Int
    }

    /// The places that the user's names stand for; nil if blocks are not selected by name.
    private static func namedBlocks(
        _ selection: BlockSelection, _ stages: [Stage]
    ) throws(ConversionError) -> Set<BlockPlace>? {
        guard case .named(let names) = selection else { return nil }
        var places: Set<BlockPlace> = []
        for name in names {
            let matches = stages.flatMap { stage in
                stage.blocks.enumerated()
                    .filter { isMatch(name, stage: stage.index, index: $0.offset, $0.element) }
                    .map { (BlockPlace(stage: stage.index, index: $0.offset), $0.element) }
            }
            guard let (place, block) = matches.first else { throw ConversionError.unknownBlock(name) }
            if let obstacle = block.obstacle { throw ConversionError.blockNotEligible(name, obstacle) }
            places.insert(place)
        }
        return places
    }

    private static func isMatch(_ name: String, stage: Int, index: Int, _ block: ConvBlock) -> Bool {
        name == "\(stage).\(index)" || name == block.scope
            || (!name.isEmpty && block.scope.hasSuffix("/" + name))
    }
}
