import GraphIR

/// Sizes that do not make a network.
public struct BuildError: DiagnosableError, Equatable {
    let problem: String

    public var diagnostic: Diagnostic {
        Diagnostic(.usage, place: "build", problem: problem, remedy: "see `modconvert build --help`")
    }

    /// Larger numbers are treated as mistakes.
    private static let limits = (size: 1 << 16, depth: 1 << 10)

    /// - Throws: `BuildError` if a size is not positive, or implausibly large.
    static func check(_ architecture: Architecture, _ options: BuildOptions) throws(BuildError) {
        func require(_ condition: Bool, _ problem: String) throws(BuildError) {
            if !condition { throw BuildError(problem: problem) }
        }
        let sizes = 1...limits.size
        try require(options.input.count == 3, "the input must be three extents: channels, height, width")
        try require(options.input.allSatisfy(sizes.contains), "an input of \(options.input) is not possible")
        try require(sizes.contains(options.classes), "\(options.classes) classes are not possible")
        let width = options.width ?? architecture.width
        try require(sizes.contains(width), "a width of \(width) is not possible")
        try require(
            (1...16).contains((options.blocks?.route.multiple ?? 1)),
            "hidden layers of \((options.blocks?.route.multiple ?? 1)) times the filters are not possible")
        if case .fixed(let batch) = options.batch {
            try require(sizes.contains(batch), "a batch of \(batch) is not possible")
        }
        try require(
            (1...8).contains(architecture.depths.count)
                && architecture.depths.allSatisfy((1...limits.depth).contains),
            "depths of \(architecture.depths) are not possible")
        let stages = architecture.invertedResiduals.count
        try require(
            stages == 0 || architecture.depths.count == stages,
            "\(architecture.name) has \(stages) stages, not \(architecture.depths.count)")
        let widest = width * architecture.widening
        try require(widest <= limits.size, "the last stage would be \(widest) channels wide")
    }
}

extension Architecture {
    /// The ratio of the most channels of any layer to those of the first convolution.
    fileprivate var widening: Int {
        switch body {
        case .basic, .bottleneck: 4 << (depths.count - 1)
        case .invertedResidual: 60
        case .plain: 8
        }
    }
}
