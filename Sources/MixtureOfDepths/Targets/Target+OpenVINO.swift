extension TargetProfile {
    /// OpenVINO. Of equal scores its TopK takes any, unless all are equal.
    static let openvino = TargetProfile("OpenVINO", PortableSpelling(breaksTies: true))
}
