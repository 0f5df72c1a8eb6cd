import CKernels
import Testing

@Suite struct MicroBenchmarkTests {
    @Test(arguments: InstructionSet.supported)
    func countsWhatItDoes(set: InstructionSet) {
        var sink: Float = 0
        let once = ck_peak_fma(set.isa, 10, &sink), twice = ck_peak_fma(set.isa, 20, &sink)
        #expect(once > 0 && twice == 2 * once && sink.isFinite)
        var total: Int32 = 0
        let bytes = ck_q_peak(set.isa, 10, &total)
        #expect(bytes > 0 && ck_q_peak(set.isa, 20, &total) == 2 * bytes)
        let data = Buffer((1...103).map { Float($0) })
        #expect(ck_peak_read(set.isa, data.base, 103) == 5356)
    }

    @Test func theBestIsSupported() {
        #expect(ck_isa_supported(ck_isa_best()) && ck_isa_supported(CK_ISA_PORTABLE))
    }
}
