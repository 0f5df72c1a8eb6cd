extension TargetProfile {
    /// OpenCV 5. It reads no TopK with `sorted` = 0.
    static let opencv = TargetProfile("OpenCV 5", PortableSpelling())
    /// OpenCV 4 sorts no indices: its TopK takes floats only, and fewer than all.
    static let opencv4 = TargetProfile(
        "OpenCV 4", PortableSpelling(), lacks: Gaps(routers: "a TopK that sorts integers"))
}
