import Testing

@testable import Quantization

@Suite struct RowRoundingTests {}
