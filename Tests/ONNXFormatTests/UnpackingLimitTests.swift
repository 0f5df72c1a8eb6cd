import GraphIR
import Testing

@testable import ONNXFormat

@Suite struct UnpackingLimitTests {
    /// The sizes of what is unpacked are summed up; the largest size of all must not overflow the sum.
    @Test func sizesThatOverflowTheirSum() throws {
        let small = RawModel.tensor([1], name: "a", element: 7) { $0.add(AnyField(7), bytes: [1]) }
        let large = RawModel.tensor([Int64(Shape.maximumElementCount)], name: "b", element: 3) {
            $0.add(AnyField(5), bytes: [1])
        }
        let bytes = RawModel.model(
            RawModel.graph {
                $0.add(GraphField.initializer, message: small)
                $0.add(GraphField.initializer, message: large)
            })
        let error = #expect(throws: ONNXFormatError.self) {
            try ONNXFile.parse(ByteRegion(bytes), folder: nil)
        }
        #expect(error?.kind == .limit)
    }

    @Test func descriptionsOfPackedNumbersCountWhatTheyTake() throws {
        let numbers = [UInt8](repeating: 1, count: 1_000_000)
        let attribute = RawModel.attribute("axes", kind: 7) { $0.add(AnyField(8), bytes: numbers) }
        let bytes = RawModel.model(
            RawModel.graph(nodes: [RawModel.node("Squeeze", ["x"], ["y"], attributes: [attribute])]))
        var limits = ImportLimits()
        limits.descriptionBytes = 8_000_000
        let error = #expect(throws: ONNXFormatError.self) {
            try ONNXFile.parse(ByteRegion(bytes), folder: nil, limits: limits)
        }
        #expect(error?.kind == .limit)
    }
}
