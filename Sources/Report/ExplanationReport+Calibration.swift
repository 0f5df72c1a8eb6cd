import MixtureOfDepths

/// The sentences on a calibrated conversion.
extension CalibrationRecord {
    func placement(_ manifest: Manifest) -> String {
        let count = manifest.blocks.count
        let noun = count == 1 ? "1 residual block was " : "\(count) residual blocks were "
        let verb = drop ? "left out" : "reduced"
        guard let budget else {
            return noun + verb + ExplanationReport.placement(manifest.placement) + "."
        }
        let candidates =
            manifest.placement == "all" ? "" : " Only \(manifest.placement) were to choose from."
        return "\(noun)\(verb), for \(budget.goal): which ones, and how far, follows from what each "
            + "costs, measured.\(candidates)"
    }

    func reduction(_ manifest: Manifest) -> String? {
        guard !drop else { return nil }
        let rounding = manifest.roundTo.map { " to a multiple of \($0)" } ?? ""
        let count = budget == nil ? "* \(manifest.ratio), rounded down\(rounding)" : nil
        switch CalibratedForm.Route(rawValue: route) {
        case .hidden:
            let share = count.map { "W \($0), are" } ?? "as many as the table says are"
            return "Of the W units between a block's convolutions \(share) computed; all inputs and outputs "
                + "of the block stay."
        case .channels:
            let share = count.map { "k = C \($0)," } ?? "k, as the table says,"
            let target = fusion == CalibratedForm.Fusion.first.rawValue ? "the first k" : "all"
            return "Of a block's C channels \(share) enter the body, which is as much narrower; its result "
                + "is added to \(target) channels."
        case nil: return "What is chosen: \(route)."
        }
    }

    func routing(_ manifest: Manifest) -> String? {
        let kinds = manifest.blocks.compactMap(\.blockKind).filter { $0 != .dropped }
        guard !kinds.isEmpty else { return nil }
        let routed = kinds.count(where: \.isRouted)
        let ways =
            switch routed {
            case kinds.count: "Each image chooses which ones, through a router"
            case 0: "They are the same ones for every image"
            default:
                "In \(routed) of the blocks each image chooses which ones, through a router; in "
                    + "\(kinds.count - routed) they are the same ones for every image"
            }
        let reason =
            manifest.router == CalibratedForm.Choice.auto.rawValue
            ? "; of the ways that were tried, this one erred least on images that no fit saw" : ""
        return "\(ways)\(reason)."
    }

    func weights(_ manifest: Manifest) -> String {
        let number = data == CalibrationRecord.synthetic ? "\(samples)" : "at most \(samples)"
        let source =
            data == CalibrationRecord.synthetic ? "\(number) generated images" : "\(number) images of \(data)"
        let seed = "the seed is \(manifest.seed)"
        guard manifest.weights != CalibratedForm.Weights.keep.rawValue else {
            return "All weights are the source's; what is computed was chosen on \(source); \(seed)."
        }
        let fitted =
            manifest.weights == CalibratedForm.Weights.refitConverted.rawValue
            ? "these blocks alone"
            : drop ? "the blocks that follow" : "these blocks and of those that follow"
        return "The weights of \(fitted) were fitted, in closed form, to what the source computes on "
            + "\(source); \(seed)."
    }

    /// How images became the input; nil where nothing was said of it.
    var images: String? {
        guard let preprocessing else { return nil }
        func list(_ numbers: [Double]) -> String { numbers.map { "\($0)" }.joined(separator: ",") }
        let parts = [
            preprocessing.preset.map { "the preset \($0)" },
            preprocessing.mean.map { "mean \(list($0))" },
            preprocessing.deviation.map { "deviation \(list($0))" },
            preprocessing.scale.map { "scale \($0)" },
            preprocessing.size.map { "size \($0.map(String.init).joined(separator: "x"))" },
            preprocessing.shortSide.map { "a shorter side of \($0)" },
            preprocessing.layout.map { "layout \($0)" },
        ].compactMap { $0 }
        return "Images became its input with \(parts.joined(separator: ", "))."
    }
}

extension Budget {
    /// As it stands in a sentence.
    fileprivate var goal: String {
        switch kind {
        case .macs: "at most \(limit) multiply-accumulates"
        case .speedup: "at least \(limit) times the speed"
        case .drop: "at most \(limit) other predictions"
        }
    }
}
