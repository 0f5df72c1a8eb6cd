/// The spelling that a toolchain takes and runs fast, and what it lacks. docs/targets.md has the measurements.
public struct TargetProfile: Sendable {
    /// The toolchain, as in "blocks are spelled for OpenVINO".
    public let toolchain: String
    /// The operators that it lacks, by what needs them.
    public let gaps: Gaps
    /// How blocks are spelled for it.
    let spelling: any BlockSpelling

    init(_ toolchain: String, _ spelling: any BlockSpelling, lacks gaps: Gaps = Gaps()) {
        self.toolchain = toolchain
        self.spelling = spelling
        self.gaps = gaps
    }

    /// The operators that a toolchain lacks for each way to choose, as a sentence's object; nil for none.
    public struct Gaps: Sendable {
        /// For a router, which takes the highest of all scores.
        public var routers: String?
        /// For taking the higher one of two channels.
        public var pairs: String?
        /// For a constant list of channels.
        public var channels: String?
    }
}
