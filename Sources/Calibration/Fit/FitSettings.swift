import Runtime

/// The settings of a calibration.
public struct CalibrationOptions: Sendable {
    /// The number of images.
    public var samples: Int
    /// The seed of the sampled positions.
    public var seed: UInt64
    /// The number of threads that share the work; it does not affect results.
    public var threads: Int
    /// The limits of running parts of the network.
    public var limits: RunLimits
    /// The approximate number of rows of each least-squares problem: positions of maps, over all samples.
    public var rows: Int
    /// The ridge of refits, relative to the mean variance of the features.
    public var ridge: Double
    /// The ridge of routers, relative to the same variance.
    public var routerRidge: Double
    /// The ridge of a bias that each sample gets, whose features have variance 1; with at most 8 features, a third.
    public var biasRidge: Double
    /// A routed block replaces a fixed one only if its error is below this share of the fixed block's:
    /// gathering weights takes time that multiply-accumulates do not show.
    public var routedAdvantage: Double

    /// Options with the values that docs/accuracy.md measures.
    public init(
        samples: Int = 256, seed: UInt64 = 0, threads: Int, limits: RunLimits = RunLimits(),
        rows: Int = 40_000, ridge: Double = 0.01,
        routerRidge: Double = 0.1, biasRidge: Double = 0.3, routedAdvantage: Double = 0.95
    ) {
        self.samples = samples
        self.seed = seed
        self.threads = threads
        self.limits = limits
        self.rows = rows
        self.ridge = ridge
        self.routerRidge = routerRidge
        self.biasRidge = biasRidge
        self.routedAdvantage = routedAdvantage
    }

    /// The ridge of a bias through so many features. Few features are the ones of the largest variance, which vary less
    /// from one set of images to another.
    func biasRidge(_ rank: Int) -> Double { rank > 8 ? biasRidge : biasRidge / 3 }
}
