extension TargetProfile {
    /// The paper's definition, operator by operator, for readers.
    static let literal = TargetProfile("reading", LiteralSpelling())
    /// onnxruntime, as version 0.2 spelled it: with GatherND, which quantizers do not read.
    static let fast = TargetProfile("speed", FastSpelling())
}
