import Foundation
import FoundationXML
import Testing

@Suite struct ReportPageTests {
    @Test(
        "What the page of a conversion says, word for word",
        arguments: ["torchvision-resnet18-bn", "odd-names-bottleneck"])
    func conversion(fixture: String) throws {
        let folder = try TemporaryFolder(fixtures: fixture)
        try CommandLineTool.succeed(
            [
                "\(fixture).onnx", "--mod-ratio", "0.5", "--recipe", "paper", "-o", "mod.onnx", "--report",
                "page.html", "-q",
            ],
            in: folder)
        let page = try Page(folder.contents("page.html"))
        try expectSnapshot(page.text.maskingMeasurements, "report-\(fixture)")
    }

    @Test("What the page of a verification says, word for word; it is written for a failed one too")
    func verification() throws {
        let folder = try TemporaryFolder(fixtures: "torchvision-opset17", "torchvision-opset11")
        try CommandLineTool.succeed(
            ["torchvision-opset11.onnx", "--mod-ratio", "0.5", "--recipe", "paper", "-o", "mod.onnx", "-q"],
            in: folder)
        try CommandLineTool.succeed(
            ["verify", "torchvision-opset11.onnx", "mod.onnx", "--report", "page.html", "-q"], in: folder)
        try expectSnapshot(
            Page(folder.contents("page.html")).text.maskingMeasurements, "report-verify")
        try CommandLineTool.fail(
            ["verify", "torchvision-opset17.onnx", "mod.onnx", "--report", "failed.html", "-q"], 1, in: folder
        )
        let failed = try Page(folder.contents("failed.html"))
        #expect(failed.text.contains("checks passed, one failed"))
    }

    @Test("What the page of an optimisation says, word for word")
    func optimization() throws {
        let folder = try TemporaryFolder(fixtures: "torchvision-resnet18-bn")
        try CommandLineTool.succeed(
            [
                "optimize", "torchvision-resnet18-bn.onnx", "-o", "small.onnx", "--report", "page.html", "-q",
            ], in: folder)
        try expectSnapshot(Page(folder.contents("page.html")).text.maskingMeasurements, "report-optimize")
    }

    @Test("Nothing that a user or a file names becomes markup")
    func escaping() throws {
        let folder = try TemporaryFolder(fixtures: "torchvision-opset17")
        let name = "<script src=\"x\">&'.onnx"
        try folder.write(folder.contents("torchvision-opset17.onnx"), name)
        try CommandLineTool.succeed(
            [
                name, "--mod-ratio", "0.5", "--recipe", "paper", "-o", "]]><b>.onnx", "--report", "page.html",
                "-q",
            ], in: folder)
        let page = try Page(folder.contents("page.html"))
        #expect(page.text.contains(name))
        #expect(page.elements.isDisjoint(with: ["script", "b", "img", "link", "iframe", "object", "a"]))
    }

    @Test("The page loads nothing, and the same conversion gives the same page")
    func contained() throws {
        let folder = try TemporaryFolder(fixtures: "cifar-option-b")
        let command = [
            "cifar-option-b.onnx", "--mod-ratio", "0.5", "--recipe", "paper", "-o", "mod.onnx", "--report",
            "page.html", "-q",
            "--force",
        ]
        try CommandLineTool.succeed(command, in: folder)
        let first = try folder.contents("page.html")
        try CommandLineTool.succeed(command, in: folder)
        #expect(try folder.contents("page.html") == first)
        let page = try Page(first)
        #expect(page.attributes.isDisjoint(with: ["src", "href", "srcset", "onclick", "onload"]))
        let markup = String(decoding: first, as: UTF8.self)
        for word in ["http://", "https://", "url(", "@import", "javascript:"] {
            #expect(!markup.contains(word))
        }
        #expect(markup.contains("default-src 'none'".replacing("'", with: "&#39;")))
    }

    @Test("A page does not replace the command's other files")
    func places() throws {
        let folder = try TemporaryFolder(fixtures: "cifar-option-b")
        let base = ["cifar-option-b.onnx", "--mod-ratio", "0.5", "--recipe", "paper", "-o", "mod.onnx", "-q"]
        for name in ["cifar-option-b.onnx", "mod.onnx"] {
            try CommandLineTool.fail(base + ["--report", name], 64, in: folder)
        }
        try CommandLineTool.fail(base + ["--report", "missing/page.html"], 73, in: folder)
        #expect(folder.names == ["cifar-option-b.onnx"])
    }
}

/// A page, read by an XML parser: it must be well formed.
private final class Page: NSObject, XMLParserDelegate {
    /// The text of the elements, a line for each block of text.
    private(set) var text = ""
    private(set) var elements: Set<String> = []
    private(set) var attributes: Set<String> = []
    private var isStyle = false

    init(_ data: Data) throws {
        super.init()
        let parser = XMLParser(data: data)
        parser.delegate = self
        let isWellFormed = parser.parse()
        #expect(isWellFormed, "line \(parser.lineNumber): \(String(describing: parser.parserError))")
    }

    func parser(
        _: XMLParser, didStartElement name: String, namespaceURI _: String?, qualifiedName _: String?,
        attributes: [String: String]
    ) {
        elements.insert(name)
        self.attributes.formUnion(attributes.keys)
        isStyle = name == "style"
    }

    func parser(_: XMLParser, didEndElement name: String, namespaceURI _: String?, qualifiedName _: String?) {
        isStyle = false
        if ["td", "th", "dt", "span", "code", "strong", "div"].contains(name), text.last != "\n" {
            text += " "
        }
        if ["p", "h1", "h2", "h3", "li", "tr", "dd", "summary", "title", "pre"].contains(name) {
            text = text.trimmingCharacters(in: .whitespaces) + "\n"
        }
    }

    func parser(_: XMLParser, foundCharacters characters: String) {
        if !isStyle { text += characters.replacing("\n", with: "") }
    }
}
