#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// The C library's natural logarithm and its inverse.
enum Logarithm {
    static func of(_ x: Double) -> Double { log(x) }

    static func inverse(_ x: Double) -> Double { exp(x) }
}
