import Foundation
import TestSupport
import Testing

@Suite struct InspectionTests {
    @Test("Costs of a source and of its conversion, word for word")
    func macs() throws {
        let folder = try TemporaryFolder(fixtures: "torchvision-opset17")
        try CommandLineTool.succeed(
            ["torchvision-opset17.onnx", "--mod-ratio", "0.5", "--recipe", "paper", "-o", "mod.onnx", "-q"],
            in: folder)
        try expectSnapshot(
            try CommandLineTool.succeed(["macs", "torchvision-opset17.onnx"], in: folder), "macs-source")
        try expectSnapshot(try CommandLineTool.succeed(["macs", "mod.onnx"], in: folder), "macs-converted")
        try expectSnapshot(
            try CommandLineTool.succeed(["macs", "mod.onnx", "--convention", "all"], in: folder), "macs-all")
    }

    @Test("What cannot be counted is named, and so is what branches count as")
    func omissions() throws {
        let names = ["macs_if_branch", "unknown_operator_described", "unknown_operator_undescribed"]
        let folder = try TemporaryFolder()
        for name in names {
            let cases = Fixtures.models.deletingLastPathComponent().appending(path: "cases")
            try folder.write(try Data(contentsOf: cases.appending(path: "\(name).onnx")), "\(name).onnx")
        }
        var text = ""
        for command in ["macs", "inspect"] {
            for file in names {
                text += "$ modconvert \(command) \(file).onnx\n"
                text += try CommandLineTool.succeed([command, "\(file).onnx"], in: folder) + "\n"
            }
        }
        try expectSnapshot(text, "macs-omissions")
    }

    @Test("The JSON of macs has the documented keys, and its totals are the sums of its nodes")
    func macsJSON() throws {
        struct Costs: Decodable {
            struct Node: Decodable { let macs: Int }
            let total_macs: Int
            let total_params: Int
            let convention: String
            let nodes: [Node]
        }
        let folder = try TemporaryFolder(fixtures: "torchvision-opset17")
        let text = try CommandLineTool.succeed(["macs", "torchvision-opset17.onnx", "--json"], in: folder)
        let costs = try JSONDecoder().decode(Costs.self, from: Data(text.utf8))
        #expect(costs.total_macs == costs.nodes.map(\.macs).reduce(0, +))
        #expect(costs.total_macs > 0 && costs.total_params > 0)
        #expect(costs.convention.hasPrefix("strict"))
    }

    @Test("What inspect says of a source and of a converted file, word for word")
    func inspect() throws {
        let folder = try TemporaryFolder(fixtures: "keras3-resnet50", "timm-seresnet")
        try CommandLineTool.succeed(
            ["keras3-resnet50.onnx", "--mod-ratio", "1/4", "--recipe", "paper", "-o", "mod.onnx", "-q"],
            in: folder)
        for (file, name) in [("keras3-resnet50", "keras"), ("timm-seresnet", "se"), ("mod", "converted")] {
            let text = try CommandLineTool.succeed(["inspect", "\(file).onnx"], in: folder)
            try expectSnapshot(text, "inspect-\(name)")
        }
    }
}
