import Runtime

/// How a calibration is made.
public struct CalibrationOptions: Sendable {
    /// The number of images.
    public var samples: Int
    /// Of the positions that are sampled.
    public var seed: UInt64
    /// The number of threads that share the work; results do not depend on it.
    public var threads: Int
    /// Of running parts of the network.
    public var limits: RunLimits
    /// The rows that each least-squares problem sees, about: positions of maps, over all samples.
    public var rows: Int
    /// The ridge of refits, relative to the mean variance of the features.
    public var ridge: Double
    /// The ridge of routers, relative likewise.
    public var routerRidge: Double
    /// A routed block has to err less than this share of a fixed one's error to be taken for it: gathering
    /// weights costs time that multiply-accumulates do not show.
    public var routedAdvantage: Double

    /// Options with the values that docs/accuracy.md measures.
    public init(
        samples: Int = 256, seed: UInt64 = 0, threads: Int, limits: RunLimits = RunLimits(),
        rows: Int = 40_000, ridge: Double = 0.01,
        routerRidge: Double = 0.1, routedAdvantage: Double = 0.95
    ) {
        self.samples = samples
        self.seed = seed
        self.threads = threads
        self.limits = limits
        self.rows = rows
        self.ridge = ridge
        self.routerRidge = routerRidge
        self.routedAdvantage = routedAdvantage
    }
}
