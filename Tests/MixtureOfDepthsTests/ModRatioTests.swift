import MixtureOfDepths
import Testing

@Suite struct ModRatioTests {
    @Test(
        "A ratio is exact, however it is written",
        arguments: [
            ("0.5", 1024, 512, "0.5"), ("1/2", 1024, 512, "0.5"), (".5", 7, 3, "0.5"),
            ("1/64", 1024, 16, "1/64"), ("0.015625", 1024, 16, "1/64"), ("1/64", 32, 1, "1/64"),
            ("0.1", 10, 1, "0.1"), ("0.3", 10, 3, "0.3"), ("2/3", 9, 6, "2/3"), ("1", 64, 64, "1"),
            ("1.0", 64, 64, "1"), ("0.125", 64, 8, "0.125"), ("63/64", 2048, 2016, "63/64"),
        ])
    func channels(text: String, count: Int, processed: Int, description: String) throws {
        let ratio = try #require(ModRatio(text))
        #expect(ratio.channels(of: count) == processed)
        #expect(ratio.description == description)
        let again = try #require(ModRatio(ratio.description))
        #expect(again.channels(of: count) == processed)
    }

    @Test(
        "What is no ratio",
        arguments: [
            "0", "0.0", "-0.5", "1.5", "2", "3/2", "0/4", "1/0", "1/-2", "", "-0", "+1", "/", "1/", "/2", "x",
            "0.5x",
            "1e-3",
            "0,5", "1/99999999999999999999", "0.0000000001", "nan", "٠.٥",
        ])
    func refused(_ text: String) { #expect(ModRatio(text) == nil) }

    @Test("The paper's reduction c is the ratio 1/c", arguments: [1, 2, 3, 64])
    func reduction(_ c: Int) throws {
        let ratio = try #require(ModRatio(reduction: c))
        for channels in [1, 63, 64, 2048] { #expect(ratio.channels(of: channels) == max(1, channels / c)) }
    }
}
