extension TargetProfile {
    /// Every toolchain that has TopK and Gather, and every tool on the way to it: quantizers, simplifiers, shape
    /// inference. The default.
    static let portable = TargetProfile("any toolchain", PortableSpelling())
}
