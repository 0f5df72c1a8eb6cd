import CKernels

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// The instructions that the hot kernels use.
public enum InstructionSet: String, Sendable, CaseIterable {
    /// Vectors of 128 bits, which every 64-bit processor has in some form.
    case portable
    /// AVX2 with fused multiply-add.
    case avx2
    /// AVX-512F.
    case avx512

    /// The environment variable that forces an instruction set.
    public static let variable = "MODCONVERT_ISA"

    /// Whether this processor and this build have it.
    public var isSupported: Bool { ck_isa_supported(kernels) }

    /// The instruction sets that this processor and this build support.
    public static var supported: [InstructionSet] { allCases.filter(\.isSupported) }

    /// The instruction set that `MODCONVERT_ISA` names, or else the fastest supported one.
    ///
    /// - Throws: `RuntimeError` for an unknown name, or one that the processor does not have.
    public static func preferred() throws(RuntimeError) -> InstructionSet {
        guard let name = getenv(variable).map({ String(cString: $0) }), !name.isEmpty else {
            let best = ck_isa_best()
            return allCases.first { $0.kernels == best } ?? .portable
        }
        guard let chosen = InstructionSet(rawValue: name) else { throw .unknownInstructionSet(name) }
        return try chosen.checked()
    }

    /// - Throws: `RuntimeError` if it is not supported.
    func checked() throws(RuntimeError) -> InstructionSet {
        guard isSupported else { throw .unsupportedInstructionSet(self) }
        return self
    }

    package var kernels: ck_isa {
        switch self {
        case .portable: CK_ISA_PORTABLE
        case .avx2: CK_ISA_AVX2
        case .avx512: CK_ISA_AVX512
        }
    }
}
