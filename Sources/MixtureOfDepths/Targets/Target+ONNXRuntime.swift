extension TargetProfile {
    /// onnxruntime takes every spelling. In float, with activations in blocks of 16 channels (NCHWc), a padded
    /// sum is its fastest; after `quantize_static` it is not: take `portable` for int8.
    static let onnxruntime = TargetProfile("onnxruntime", PaddedSpelling())
}
