extension TargetProfile {
    /// PyTorch, by way of onnx2torch: all operators pass gradients, and PyTorch's exporters write them again
    /// (docs/training.md).
    static let training = TargetProfile("training in PyTorch", TrainingSpelling())
}
