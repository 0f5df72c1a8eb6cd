/// Reads the Python literal of a `.npy` header: a dictionary of texts, booleans and tuples of numbers.
struct PythonLiteral {
    enum Value: Equatable {
        case text(String)
        case boolean(Bool)
        case tuple([Int])
    }

    private let bytes: UnsafeRawBufferPointer
    private var position = 0

    init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

    /// The whole text as a dictionary.
    ///
    /// - Throws: `TensorFileError.malformed`; `.unsupported` for a list, which describes structured types.
    mutating func dictionary() throws(TensorFileError) -> [String: Value] {
        var result: [String: Value] = [:]
        try expect("{")
        while !take("}") {
            let key = try text()
            try expect(":")
            guard result.updateValue(try value(), forKey: key) == nil else { throw malformed }
            if !take(",") {
                try expect("}")
                break
            }
        }
        skipSpace()
        guard position == bytes.count else { throw malformed }
        return result
    }

    private mutating func value() throws(TensorFileError) -> Value {
        skipSpace()
        switch peek {
        case UInt8(ascii: "'"), UInt8(ascii: "\""): return .text(try text())
        case UInt8(ascii: "("): return .tuple(try tuple())
        case UInt8(ascii: "["):
            throw TensorFileError(.unsupported, "holds a structured NumPy type")
        default:
            if take("True") { return .boolean(true) }
            if take("False") { return .boolean(false) }
            throw malformed
        }
    }

    private mutating func text() throws(TensorFileError) -> String {
        skipSpace()
        guard let quote = peek, quote == UInt8(ascii: "'") || quote == UInt8(ascii: "\"") else {
            throw malformed
        }
        position += 1
        let start = position
        while let byte = peek, byte != quote { position += 1 }
        guard peek == quote, let text = String(validating: bytes[start..<position], as: UTF8.self) else {
            throw malformed
        }
        position += 1
        return text
    }

    private mutating func tuple() throws(TensorFileError) -> [Int] {
        var result: [Int] = []
        try expect("(")
        while !take(")") {
            result.append(try number())
            if !take(",") {
                try expect(")")
                break
            }
        }
        return result
    }

    private mutating func number() throws(TensorFileError) -> Int {
        skipSpace()
        let start = position
        while let byte = peek, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) { position += 1 }
        guard let number = Int(String(decoding: bytes[start..<position], as: UTF8.self)) else {
            throw malformed
        }
        // Python 2 wrote long integers with an L.
        if peek == UInt8(ascii: "L") { position += 1 }
        return number
    }

    // MARK: Characters

    private var peek: UInt8? { position < bytes.count ? bytes[position] : nil }

    private mutating func skipSpace() {
        while let byte = peek, byte == 0x20 || (0x09...0x0D).contains(byte) { position += 1 }
    }

    private mutating func take(_ word: StaticString) -> Bool {
        skipSpace()
        let characters = UnsafeBufferPointer(start: word.utf8Start, count: word.utf8CodeUnitCount)
        guard bytes[position...].starts(with: characters) else { return false }
        position += characters.count
        return true
    }

    private mutating func expect(_ word: StaticString) throws(TensorFileError) {
        guard take(word) else { throw malformed }
    }

    private var malformed: TensorFileError {
        TensorFileError(.malformed, "its header is not understood at character \(position)")
    }
}
