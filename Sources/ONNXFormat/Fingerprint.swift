import CCrypto
import GraphIR

/// Fingerprints of file contents.
public enum Fingerprint {
    /// The SHA-256 of the bytes, as 64 hexadecimal digits in lower case. O(bytes).
    public static func sha256(_ bytes: ByteRegion) -> String {
        var digest = [UInt8](repeating: 0, count: Int(SHA256_DIGEST_LENGTH))
        bytes.withUnsafeBytes { buffer in
            _ = EVP_Digest(buffer.baseAddress, buffer.count, &digest, nil, EVP_sha256(), nil)
        }
        let digits = Array("0123456789abcdef")
        return String(digest.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] })
    }
}
