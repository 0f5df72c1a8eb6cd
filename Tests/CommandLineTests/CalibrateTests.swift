import Foundation
import TestSupport
import Testing

@Suite struct CalibrateTests {
    private func folder() throws -> TemporaryFolder { try TemporaryFolder(fixtures: "torchvision-resnet18") }

    private static let few = ["--calibrate-samples", "16"]

    @Test("Calibration gives the same bytes at any number of threads, and what passes verify")
    func reproducible() throws {
        let folder = try folder()
        let base = ["torchvision-resnet18.onnx", "--mod-ratio", "0.5", "--recipe", "calibrated"] + Self.few
        let text = try CommandLineTool.succeed(base + ["-o", "a.onnx", "--threads", "1"], in: folder)
        #expect(text.unwrapped.contains("paired k=4, 2 choose, hidden 4"))
        #expect(
            text.unwrapped.contains("4 choose for each image; a fixed choice at the same work: agreement")
                && text.unwrapped.contains("; --route channels --router fixed takes it"))
        #expect(
            text.unwrapped.contains(
                "on 4 calibration images that no fit saw the network agrees with its source in"))
        try CommandLineTool.succeed(base + ["-o", "b.onnx", "--threads", "3", "-q"], in: folder)
        #expect(try folder.contents("a.onnx") == folder.contents("b.onnx"))
        try CommandLineTool.succeed(["verify", "torchvision-resnet18.onnx", "a.onnx", "-q"], in: folder)
        try CommandLineTool.succeed(["inspect", "a.onnx", "-q"], in: folder)
    }

    @Test(
        "Routed and dropped blocks pass verification",
        arguments: [["--mod-ratio", "0.25", "--router", "topk"], ["--drop"]])
    func kinds(_ options: [String]) throws {
        let folder = try folder()
        try CommandLineTool.succeed(
            [
                "torchvision-resnet18.onnx", "--recipe", "calibrated", "-o", "a.onnx", "-q",
            ] + options + Self.few, in: folder)
        try CommandLineTool.succeed(
            ["verify", "torchvision-resnet18.onnx", "a.onnx", "--samples", "2", "-q"], in: folder)
    }

    @Test("A bias that depends on the image is told, verified, explained and made again")
    func bias() throws {
        let folder = try folder()
        let source = "torchvision-resnet18.onnx"
        let text = try CommandLineTool.succeed(
            [
                source, "--mod-ratio", "0.25", "--router", "fixed", "--dynamic-bias", "3", "-o", "a.onnx",
            ] + Self.few, in: folder)
        #expect(text.unwrapped.contains("fixed hidden 2, bias of 3"))
        try CommandLineTool.succeed(["verify", source, "a.onnx", "--samples", "2", "-q"], in: folder)
        for command in ["inspect", "macs"] {
            let text = try CommandLineTool.succeed([command, "a.onnx"], in: folder)
            #expect(text.unwrapped.contains("fixed hidden 2"))
        }
        #expect(
            try CommandLineTool.succeed(["inspect", "a.onnx"], in: folder).unwrapped.contains("bias of 3"))
        let explanation = try CommandLineTool.succeed(["explain", "a.onnx"], in: folder).unwrapped
        #expect(explanation.contains("a bias that depends on the image, through at most 3 features"))
        #expect(explanation.contains("--dynamic-bias 3"))
    }

    @Test("Whether a bias is taken is decided on images that no fit saw, and told")
    func biasIsDecided() throws {
        let folder = try folder()
        let text = try CommandLineTool.succeed(
            [
                "torchvision-resnet18.onnx", "--mod-ratio", "0.25", "--router", "fixed", "--dynamic-bias",
                "auto",
                "-o", "a.onnx",
            ] + Self.few, in: folder
        ).unwrapped
        #expect(text.contains("a bias for each image was "))
        #expect(text.contains("was taken") == text.contains(", bias of "))
    }

    @Test("Without fitted weights there is no bias")
    func biasOfKeptWeights() throws {
        let error = try CommandLineTool.fail(
            [
                "torchvision-resnet18.onnx", "--mod-ratio", "0.5", "--weights", "keep", "--dynamic-bias", "8",
            ], 64, in: folder())
        #expect(error.contains("--dynamic-bias is fitted, and --weights keep fits nothing"))
    }

    @Test("The towers of a siamese network are calibrated on pairs, and evaluated")
    func towers() throws {
        let folder = try TemporaryFolder(fixtures: "torchvision-siamese")
        let source = "torchvision-siamese.onnx"
        let text = try CommandLineTool.succeed(
            [source, "--target-macs", "75%", "-o", "a.onnx"] + Self.few, in: folder
        ).unwrapped
        #expect(
            text.contains("the network takes 2 images: each sample is made of different ones of the data"))
        try CommandLineTool.succeed(["verify", source, "a.onnx", "-q"], in: folder)
        try CommandLineTool.succeed(
            ["evaluate", source, "a.onnx", "--data", Repository.path("fixtures/models/torchvision-siamese")],
            in: folder)
    }

    @Test(
        "A budget is met, and the ledger says what each block costs",
        arguments: [("0.8M", "0.8M"), ("92%", "92%-macs")])
    func budget(_ limit: String, _ name: String) throws {
        struct Result: Decodable {
            struct Totals: Decodable { let macs: Int }
            let before: Totals
            let after: Totals
            let goal: String
        }
        let folder = try folder()
        let text = try CommandLineTool.succeed(
            ["torchvision-resnet18.onnx", "--target-macs", limit, "--json", "-"] + Self.few, in: folder)
        let result = try JSONDecoder().decode(Result.self, from: Data(text.utf8))
        #expect(result.after.macs <= 800_000 && result.after.macs < result.before.macs)
        #expect(result.goal == name)
        #expect(text.unwrapped.contains("of the estimated loss"))
        #expect(folder.names == ["torchvision-resnet18.mod-\(name).onnx", "torchvision-resnet18.onnx"])
    }

    @Test("Models are compared on images; a model agrees with itself, and ties")
    func evaluate() throws {
        struct Result: Decodable {
            struct Model: Decodable {
                struct Comparison: Decodable { let isTie: Bool }
                let topOne: Double?
                let agreement: Double
                let comparison: Comparison?
            }
            let samples: Int
            let models: [Model]
        }
        let folder = try folder()
        // IDX: ten grey images of one brightness each, and labels.
        let head: [UInt8] = [0, 0, 8, 3, 0, 0, 0, 10, 0, 0, 0, 40, 0, 0, 0, 40]
        let pixels = (0..<10).flatMap { [UInt8](repeating: UInt8(25 * $0), count: 40 * 40) }
        try folder.write(Data(head + pixels), "x-images-idx3-ubyte")
        try folder.write(Data([0, 0, 8, 1, 0, 0, 0, 10] + Array(0..<10)), "x-labels-idx1-ubyte")
        let text = try CommandLineTool.succeed(
            [
                "evaluate", "torchvision-resnet18.onnx", "torchvision-resnet18.onnx", "--data",
                "x-images-idx3-ubyte", "--mean",
                "0.286",
                "--std", "0.353", "--json", "-",
            ], in: folder)
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        let result = try decoder.decode(Result.self, from: Data(text.utf8))
        #expect(result.models[0].topOne != nil)
        #expect(result.samples == 10 && result.models.count == 2)
        #expect(result.models[1].agreement == 1)
        #expect(result.models[1].comparison?.isTie == true)
        #expect(result.models[0].topOne == result.models[1].topOne)
        try CommandLineTool.succeed(
            [
                "evaluate", "torchvision-resnet18.onnx", "--data", "x-images-idx3-ubyte",
            ],
            in: folder)
    }

    @Test("What routers choose is counted, over inputs of run and images of evaluate")
    func routing() throws {
        struct Result: Decodable {
            struct Route: Decodable {
                struct Share: Decodable { let samples: Int }
                let chosen: Int
                let units: Int
                let frequencies: [Double]
                let classes: [Share]
            }
            let samples: Int
            let classes: String
            let routes: [Route]
        }
        let folder = try folder()
        let source = "torchvision-resnet18.onnx"
        try CommandLineTool.succeed(
            [source, "--mod-ratio", "0.5", "--recipe", "paper", "-o", "a.onnx"], in: folder)
        let text = try CommandLineTool.succeed(
            ["run", "a.onnx", "--fill", "random", "--routing", "r.json"], in: folder)
        #expect(text.contains("median margin"))
        let result = try JSONDecoder().decode(Result.self, from: folder.contents("r.json"))
        #expect(result.samples == 1 && result.classes == "predictions" && !result.routes.isEmpty)
        for route in result.routes {
            #expect(route.frequencies.count == route.units)
            #expect(route.frequencies.reduce(0, +) == Double(route.chosen))
            #expect(route.classes.map(\.samples) == [1])
        }
        let head: [UInt8] = [0, 0, 8, 3, 0, 0, 0, 6, 0, 0, 0, 40, 0, 0, 0, 40]
        try folder.write(Data(head + (0..<(6 * 1600)).map { UInt8($0 % 251) }), "x-images-idx3-ubyte")
        try folder.write(Data([0, 0, 8, 1, 0, 0, 0, 6, 0, 1, 0, 1, 0, 1]), "x-labels-idx1-ubyte")
        try CommandLineTool.succeed(
            ["evaluate", source, "a.onnx", "--data", "x-images-idx3-ubyte", "--routing", "r.html", "-q"],
            in: folder)
        let page = try String(decoding: folder.contents("r.html"), as: UTF8.self)
        #expect(page.contains("class 0 (3)") && page.contains("class 1 (3)") && page.contains("<rect"))
        let error = try CommandLineTool.fail(
            ["run", source, "--fill", "zeros", "--routing", "s.json"], 65, in: folder)
        #expect(error.contains("no block chooses channels or units by its input"))
        try CommandLineTool.fail(["run", "a.onnx", "--fill", "zeros", "--routing", "r.txt"], 64, in: folder)
    }

    @Test("A sweep writes a page with its plots, and the plot alone")
    func sweep() throws {
        let folder = try folder()
        let head: [UInt8] = [0, 0, 8, 3, 0, 0, 0, 4, 0, 0, 0, 40, 0, 0, 0, 40]
        try folder.write(Data(head + (0..<(4 * 1600)).map { UInt8($0 % 251) }), "x.idx")
        for file in ["sweep.html", "sweep.svg"] {
            try CommandLineTool.succeed(
                [
                    "sweep", "torchvision-resnet18.onnx", "--ratios", "0.5", "--data", "x.idx", "--report",
                    file, "-q",
                ]
                    + Self.few, in: folder)
            let page = try String(decoding: folder.contents(file), as: UTF8.self)
            #expect(page.contains("<polyline") || page.contains("<circle"))
            #expect(!page.contains("<script"))
        }
    }

    @Test(
        "Options that do not go together",
        arguments: [
            ["--mod-ratio", "0.5", "--router", "pairs", "--route", "hidden"],
            ["--mod-ratio", "0.5", "--target-macs", "1G"],
            ["--target-macs", "1G", "--max-drop", "1%"], ["--target-macs", "1G", "--recipe", "paper"],
            ["--mod-ratio", "0.5", "--recipe", "paper", "--drop"], ["--target-speedup", "0.5"],
            ["--mod-ratio", "0.5", "--calibrate-samples", "1"], [],
            ["--mod-ratio", "0.5", "--dynamic-bias", "0"], ["--mod-ratio", "0.5", "--dynamic-bias", "some"],
            ["--mod-ratio", "0.5", "--dynamic-bias", "8", "--recipe", "paper"],
        ])
    func usage(_ options: [String]) throws {
        let folder = try folder()
        try CommandLineTool.fail(["torchvision-resnet18.onnx"] + options, 64, in: folder)
    }
}
