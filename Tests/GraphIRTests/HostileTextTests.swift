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

    @Test func longNamesAreCut() {
        let name = String(repeating: "a", count: 1 << 20)
        let line = Diagnostic(.badData, place: name, problem: "is wrong", remedy: name).line
        #expect(line.utf8.count < 5000 && line.contains("...") && line.contains("is wrong"))
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
