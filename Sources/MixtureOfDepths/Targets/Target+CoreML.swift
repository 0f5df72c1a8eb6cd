extension TargetProfile {
    /// Core ML, by the published table of onnxruntime's provider: TopK and Gather run on the CPU, all else in Core ML.
    static let coreml = TargetProfile("Core ML", PortableSpelling())
}
