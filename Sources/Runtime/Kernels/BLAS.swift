import COpenBLAS

/// OpenBLAS on the calling thread: the runtime divides the work itself, so results do not depend on the
/// number of threads. Matrices are row-major.
package enum BLAS {
    private static let isSingleThreaded: Bool = {
        openblas_set_num_threads(1)
        openblas_end_threads()
        return true
    }()

    /// Keeps OpenBLAS from using threads of its own, and ends those that it started when it was loaded, which
    /// spin for a tenth of a second. Must be called before OpenBLAS is first used.
    package static func configure() { _ = isSingleThreaded }

    /// The number of processors that this process may run on, by the scheduler's affinity mask.
    static var availableProcessors: Int { max(1, Int(openblas_get_num_procs())) }

    /// A matrix, or a part of one, whose rows start `stride` elements apart.
    struct Matrix {
        let start: UnsafePointer<Float>
        let stride: Int
        var isTransposed = false
    }

    /// c = a * b, where `a` is rows x depth and `b` depth x columns after their transpositions.
    static func multiply(
        _ a: Matrix, _ b: Matrix, into c: UnsafeMutablePointer<Float>, stride: Int, rows: Int,
        columns: Int, depth: Int
    ) {
        cblas_sgemm(
            CblasRowMajor, a.isTransposed ? CblasTrans : CblasNoTrans,
            b.isTransposed ? CblasTrans : CblasNoTrans, blasint(rows), blasint(columns), blasint(depth), 1,
            a.start, blasint(a.stride), b.start, blasint(b.stride), 0, c, blasint(stride))
    }

    /// y = x * b for a vector `x` of `depth` elements, `step` apart, where `b` is depth x columns after its
    /// transposition.
    static func multiply(
        _ x: UnsafePointer<Float>, step: Int, _ b: Matrix, into y: UnsafeMutablePointer<Float>,
        columns: Int, depth: Int
    ) {
        let (rows, order) = b.isTransposed ? (columns, CblasNoTrans) : (depth, CblasTrans)
        cblas_sgemv(
            CblasRowMajor, order, blasint(rows), blasint(b.isTransposed ? depth : columns), 1, b.start,
            blasint(b.stride), x, blasint(step), 0, y, 1)
    }
}
