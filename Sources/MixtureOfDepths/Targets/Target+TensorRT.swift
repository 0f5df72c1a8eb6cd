extension TargetProfile {
    /// TensorRT, by its published table of operators, which has all of this spelling's: TopK takes k below 3840, no
    /// `sorted` = 0, and integers from TensorRT 10 on. It promises no order of ties.
    static let tensorrt = TargetProfile("TensorRT", PortableSpelling(breaksTies: true))
}
