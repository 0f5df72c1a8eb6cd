extension TargetProfile {
    /// ncnn, by way of pnnx, which reads a Gather of several channels as the choice of a single one, without a word.
    static let ncnn = TargetProfile(
        "ncnn", PortableSpelling(),
        lacks: Gaps(
            routers: "a TopK layer", pairs: "layers of Less and Where", channels: "a layer of Gather"))
}
