extension TargetProfile {
    /// TensorFlow Lite, by way of onnx2tf, which reads the file for a batch of 1.
    static let tflite = TargetProfile(
        "TensorFlow Lite", PortableSpelling(flattensScores: true),
        lacks: Gaps(pairs: "a Where that onnx2tf reads"))
}
