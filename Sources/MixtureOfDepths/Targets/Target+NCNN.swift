extension TargetProfile {
    /// ncnn, by way of pnnx.
    static let ncnn = TargetProfile("ncnn", PortableSpelling(), withoutRoutersFor: "a TopK layer")
}
