/// The spelling that a toolchain takes and runs fast, and what it lacks. docs/targets.md has the measurements.
public struct TargetProfile: Sendable {
    /// The toolchain, as in "blocks are spelled for OpenVINO".
    public let toolchain: String
    /// The operator that it lacks to run a router, as a sentence's object; nil if it runs routers.
    public let obstacleToRouters: String?
    /// How blocks are spelled for it.
    let spelling: any BlockSpelling

    init(_ toolchain: String, _ spelling: any BlockSpelling, withoutRoutersFor obstacle: String? = nil) {
        self.toolchain = toolchain
        self.spelling = spelling
        obstacleToRouters = obstacle
    }
}
