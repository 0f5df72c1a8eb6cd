import GraphIR
import Testing

/// Names and paths from files: one line whatever they hold, and folders as the operating system sees them.
@Suite struct HostileTextTests {
    @Test(arguments: [
        "\n", "\r\n", "\u{1B}[2J", "\u{7F}", "\u{85}", "\u{2028}", "\u{2029}", "\u{202E}", "\0",
    ])
    func whatBreaksLinesIsEscaped(_ text: String) {
        let line = Diagnostic(.badData, place: "node \"a\(text)b\"", problem: "is wrong").line
        #expect(!line.contains(where: \.isNewline) && line.contains("\\u{"))
    }

    /// Names that are long, or that escaping or joining scalars makes long.
    private static let longNames = [
        String(repeating: "a", count: 10_000), String(repeating: "ä", count: 1 << 20),
        String(repeating: "\n", count: 10_000), "e" + String(repeating: "\u{301}", count: 10_000),
        String(repeating: "\"", count: 10_000), String(repeating: "word ", count: 10_000),
    ]

    @Test(arguments: longNames)
    func longLinesAreCutAndStayReadable(_ name: String) {
        let remedy = "export the model with standard ONNX of opset 7 or later"
        for (file, place, problem) in [
            ("net.onnx", "node \"\(name)\" (Conv)", "attribute \"\(name)\" is unknown at this opset"),
            ("net.onnx", "node \"conv1\" (\(name))", "is wrong"), (name, name, name),
            ("/models/\(name)/net.onnx", "node \"conv1\" (Conv)", "is wrong"),
        ] {
            let line = Diagnostic(
                .badData, file: file, place: place, problem: problem, remedy: remedy
            ).line
            #expect(line.unicodeScalars.count <= Diagnostic.longestLine)
            // Without marks that join the dots.
            let ascii = String(String.UnicodeScalarView(line.unicodeScalars.filter(\.isASCII)))
            #expect(ascii.contains("...") && line.hasSuffix("; \(remedy)"))
            #expect(file == name || line.contains("net.onnx: "))
            #expect(!problem.hasSuffix("at this opset") || line.contains(" is unknown at this opset; "))
        }
    }

    @Test func shortLinesAreNotCut() {
        let part = String(repeating: "a", count: 60)
        let line = Diagnostic(.badData, file: part, place: part, problem: part, remedy: part).line
        #expect(line == "\(part): \(part): \(part); \(part)")
    }

    @Test func aCutTextKeepsBeginningAndEnd() {
        #expect("abcdefghij".abbreviated(to: 9) == "abc...hij")
        #expect("abcdefghij".abbreviated(to: 10) == "abcdefghij")
        #expect("abcdefghij".abbreviated(to: 0) == "...")
    }

    @Test func aSlashEndsAFolderWhateverFollows() {
        #expect("a/\u{301}b".folderPrefix.utf8.elementsEqual("a/".utf8))
        #expect("a/\u{301}b".fileName.utf8.elementsEqual("\u{301}b".utf8))
        #expect("b".folderPrefix.isEmpty && "b".fileName == "b" && "/b".folderPrefix == "/")
    }

    @Test func extentsOfZeroDoNotHideTooManyElements() {
        #expect(Shape.elementCount(of: [0, 1 << 57]) == nil)
        #expect(throws: TensorError.self) {
            try Tensor(.float64, shape: [0, 1 << 60], bytes: ByteRegion([UInt8]()))
        }
    }
}
