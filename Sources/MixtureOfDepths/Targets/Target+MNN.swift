extension TargetProfile {
    /// MNN. Its converter ends at a pooling without `strides`; of equal scores its TopK takes any, unless all are
    /// equal.
    static let mnn = TargetProfile("MNN", PortableSpelling(breaksTies: true))
}
