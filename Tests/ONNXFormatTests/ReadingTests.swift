import GraphIR
import Testing

@testable import ONNXFormat

@Suite("What is read")
struct ReadingTests {
    private func read(_ name: String) throws -> Model {
        try ONNXFile.read(path: RealFiles.repository + "/fixtures/format/" + name + ".onnx")
    }

    @Test("Every element type is the same from its typed field and raw")
    func typedFields() throws {
        let graph = try read("typed-fields").graph
        let raw = graph.initializers.filter { $0.name.hasSuffix("_raw") }
        #expect(raw.count == 19)
        for value in raw {
            let typed = try #require(graph.value(named: value.name.dropLast(4) + "_typed"))
            #expect(typed.constant == value.constant, "\(value.name)")
        }
        #expect(graph.value(named: "INT8_typed")?.constant?.integers == [0, 1, -3, 6])
        #expect(graph.value(named: "FLOAT16_typed")?.constant?.floats == [0, 1, -3, 6])
    }

    @Test("Numbers stored one by one, as old writers did, are read too")
    func looseFields() throws {
        func parse(_ element: Int64, _ add: (inout WireMessage) -> Void) throws -> Tensor? {
            let bytes = RawModel.initializer(RawModel.tensor([2], element: element, extra: add))
            return try ONNXFile.parse(ByteRegion(bytes), folder: nil).graph.value(named: "w")?.constant
        }
        let floats = try parse(1) { for value: Float in [1.5, -2] { $0.add(AnyField(4), float: value) } }
        #expect(floats?.floats == [1.5, -2])
        let longs = try parse(7) { for value: Int64 in [-1, 1 << 40] { $0.add(AnyField(7), int: value) } }
        #expect(longs?.integers == [-1, 1 << 40])
        let bytes = try parse(3) { for value: Int64 in [-1, 127] { $0.add(AnyField(5), int: value) } }
        #expect(bytes?.integers == [-1, 127])
        let parts = try parse(7) { for value: UInt8 in [3, 4] { $0.add(AnyField(7), bytes: [value]) } }
        #expect(parts?.integers == [3, 4])
    }

    @Test("A subgraph's captures are known on both sides, through every level")
    func captures() throws {
        let graph = try read("nested-subgraphs").graph
        let node = try #require(graph.nodes.first { $0.isOperator("If") })
        #expect(node.captures.map { graph[$0].name } == ["late", "x", "c", "w"])
        guard case .graph(let then)? = node.attributes["then_branch"] else {
            Issue.record("no subgraph")
            return
        }
        #expect(then.captures.map { then[$0].name } == ["x", "c", "w"])
        let inner = try #require(then.nodes.first { $0.isOperator("If") })
        #expect(inner.captures.map { then[$0].name } == ["x", "w", "doubled"])
        #expect(throws: GraphError.self) {
            var edit = GraphEdit(graph)
            try edit.replaceUses(of: node.captures[0], with: node.captures[3])
        }
    }

    @Test("Nodes out of order are put in order, what subgraphs read included")
    func order() throws {
        let graph = try read("unsorted").graph
        #expect(graph.nodes.map(\.operatorType) == ["Relu", "If"])
    }

    @Test("Doc strings and metadata are kept in every place")
    func notes() throws {
        let model = try read("notes")
        func isNoted(_ text: String, _ doc: String, _ metadata: [MetadataEntry]) -> Bool {
            doc == "\(text), in words" && metadata == [MetadataEntry(key: "note", value: text)]
        }
        #expect(isNoted("model", model.docString, model.metadata))
        #expect(isNoted("graph", model.graph.docString, model.graph.metadata))
        for (name, text) in [("x", "input"), ("y", "output"), ("t", "inner value"), ("w", "weight")] {
            let value = try #require(model.graph.value(named: name))
            #expect(isNoted(text, value.notes.docString, value.notes.metadata))
        }
        let node = try #require(model.graph.nodes.first)
        #expect(isNoted("node", node.docString, node.metadata))
        #expect(model.producerName == "notes" && model.producerVersion == "1.2")
        #expect(model.domain == "org.example" && model.modelVersion == 3 && model.irVersion == 10)
    }

    @Test("A stale description of an inner value does not freeze the batch")
    func stale() throws {
        let graph = try read("stale").graph
        #expect(graph.value(named: "t")?.shape == Shape([.symbol("N"), 2]))
        #expect(graph.value(named: "gone") == nil)
    }

    @Test("The description of a value that cannot be derived is kept, and derived from")
    func declared() throws {
        let model = try read("functions")
        #expect(model.graph.value(named: "t")?.tensorType == TensorType(.float32, [2]))
    }

    private static let batch = Dim.symbol("batch")

    @Test(
        "Negative extents, and in old files a batch of 0, are open; a first one without a name is the batch",
        arguments: [
            ([-1, 3], 8, [batch, 3], [.unknown, 3]),
            ([-7, -2], 8, [batch, .unknown], [.unknown, .unknown]),
            ([Int64.min, 3], 8, [batch, 3], [.unknown, 3]), ([0, 3], 3, [batch, 3], [.unknown, 3]),
            ([0, 3], 8, [0, 3], [0, 3]), ([3, 0], 3, [3, 0], [3, 0]),
        ] as [([Int64], Int64, [Dim], [Dim])])
    func openExtents(extents: [Int64], ir: Int64, taken: [Dim], shown: [Dim]) throws {
        let graph = RawModel.graph { $0.add(GraphField.input, message: RawModel.value("z", extents)) }
        let model = try ONNXFile.parse(ByteRegion(RawModel.model(graph, ir: ir)), folder: nil)
        for model in [model, try ONNXFile.parse(ByteRegion(ONNXFile.serialize(model)), folder: nil)] {
            let value = try #require(model.graph.value(named: "z"))
            #expect(value.shape == Shape(taken))
            #expect(value.signatureType?.tensor?.shape == Shape(shown))
        }
    }

    @Test("Inputs without a name for their batch share one, which no other extent has")
    func sharedBatch() throws {
        func input(_ name: String, _ symbol: String?) -> WireMessage {
            let dim = WireMessage.of { if let symbol { $0.add(DimField.symbol, text: symbol) } }
            let shape = WireMessage.of { $0.add(ShapeField.dim, message: dim) }
            let tensor = WireMessage.of {
                $0.add(TensorTypeField.elementType, int: 1)
                $0.add(TensorTypeField.shape, message: shape)
            }
            return .of {
                $0.add(ValueInfoField.name, text: name)
                $0.add(ValueInfoField.type, message: .of { $0.add(TypeField.tensor, message: tensor) })
            }
        }
        let graph = RawModel.graph {
            for (name, symbol) in [("a", nil), ("b", ""), ("c", "batch"), ("d", "N")] as [(String, String?)] {
                $0.add(GraphField.input, message: input(name, symbol))
            }
        }
        let read = try ONNXFile.parse(ByteRegion(RawModel.model(graph)), folder: nil).graph
        func first(_ name: String) -> Dim? { read.value(named: name)?.shape?.dims.first }
        #expect(first("a") == .symbol("batch_1") && first("b") == .symbol("batch_1"))
        #expect(first("c") == .symbol("batch") && first("d") == .symbol("N"))
    }

    @Test("What a file says beyond the graph is kept as it is")
    func everyField() throws {
        let model = try read("every-field")
        let x = try #require(model.graph.value(named: "x"))
        #expect(x.notes.denotation == Denotation(type: "TENSOR", axes: ["", "DATA_FEATURE"]))
        let t = try #require(model.graph.value(named: "t"))
        #expect(t.notes.quantization == [MetadataEntry(key: "SCALE_TENSOR", value: "scale")])
        #expect(model.graph.nodes.last?.attributes.docStrings == ["f": "attribute, in words"])
        #expect(model.graph.nodes.last?.deviceConfigurations.count == 1)
        #expect(model.deviceConfigurations.count == 1 && model.trainingInfo.count == 1)
    }

    @Test("An initialiser that is also an input is the input's default")
    func defaults() throws {
        let path = RealFiles.repository + "/fixtures/models/torchvision-initializers-as-inputs/model.onnx"
        let graph = try ONNXFile.read(path: path).graph
        let defaulted = graph.inputs.filter { graph[$0].initializer != nil }
        #expect(defaulted.count == graph.inputs.count - 1)
        #expect(defaulted.allSatisfy { graph[$0].constant == nil })
    }

    @Test("Weights are references into the file")
    func mapped() throws {
        let bytes = ByteRegion(RawModel.initializer(RawModel.tensor([4], raw: [UInt8](0..<16))))
        let tensor = try #require(ONNXFile.parse(bytes, folder: nil).graph.value(named: "w")?.constant)
        let file = bytes.withUnsafeBytes {
            UInt(bitPattern: $0.baseAddress)..<UInt(bitPattern: $0.baseAddress) + UInt($0.count)
        }
        #expect(tensor.bytes.withUnsafeBytes { file.contains(UInt(bitPattern: $0.baseAddress)) })
    }

    @Test("SHA-256 of the standard's examples")
    func fingerprint() {
        #expect(
            Fingerprint.sha256(ByteRegion(Array("abc".utf8)))
                == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
        #expect(
            Fingerprint.sha256(ByteRegion([UInt8]()))
                == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
    }
}
