import CCrypto
import GraphIR

/// Fingerprints of file contents.
public enum Fingerprint {
    /// The SHA-256 of the bytes, as 64 lower-case hexadecimal digits. O(bytes); little of a mapped file stays
    /// resident.
    public static func sha256(_ bytes: ByteRegion) -> String {
        _ = isPrepared
        var digest = [UInt8](repeating: 0, count: Int(SHA256_DIGEST_LENGTH))
        let context = EVP_MD_CTX_new()
        defer { EVP_MD_CTX_free(context) }
        EVP_DigestInit_ex(context, EVP_sha256(), nil)
        for offset in stride(from: 0, to: bytes.count, by: chunk) {
            guard let part = bytes.slice(offset: offset, count: min(chunk, bytes.count - offset)) else {
                break
            }
            part.withUnsafeBytes { _ = EVP_DigestUpdate(context, $0.baseAddress, $0.count) }
            part.releasePages()
        }
        EVP_DigestFinal_ex(context, &digest, nil)
        let digits = Array("0123456789abcdef")
        return String(digest.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] })
    }

    private static let chunk = 16 << 20

    /// Keeps OpenSSL from cleaning up when the process exits, while another thread may still be hashing, and
    /// from reading a configuration that a hash does not need.
    private static let isPrepared =
        OPENSSL_init_crypto(UInt64(OPENSSL_INIT_NO_ATEXIT | OPENSSL_INIT_NO_LOAD_CONFIG), nil) == 1
}
