import Calibration
import GraphIR
import MixtureOfDepths
import ONNXFormat
import Operators
import Verification

/// A converted network. It can be written only after it was verified, or declared unverified explicitly.
public struct ConvertedNetwork: Sendable {
    /// The stage before this one.
    public let fitted: FittedConversion
    let conversion: Converter.Conversion
    /// The network in integers, if it was quantised; nil for a float network.
    public private(set) var quantization: QuantizedModel?

    init(fitted: FittedConversion, conversion: Converter.Conversion) {
        (self.fitted, self.conversion) = (fitted, conversion)
    }

    /// The converted model: in integers if it was quantised.
    public var model: Model { quantization?.model ?? conversion.model }

    /// The network that was converted.
    public var network: CanonicalNetwork { fitted.network }
    /// The verdicts of all blocks.
    public var plan: MoDPlan { conversion.plan }
    /// The converted blocks, in the order of `plan.conversions`.
    public var blocks: [MoDBlock] { conversion.blocks.map(\.block) }
    /// The converted graph, in float.
    public var graph: Graph { conversion.model.graph }
    /// The converted file's manifest; nil if no block was converted.
    public var manifest: Manifest? { Manifest(conversion.model) }
    /// The IR version of the converted file.
    public var irVersion: Int { model.irVersion }
    /// The opset before the conversion, if blocks required a higher one.
    public var raisedFromOpset: Int? { conversion.raisedFromOpset }

    /// The strict multiply-accumulates that each conversion saves, in the order of `plan.conversions`.
    ///
    /// - Parameters:
    ///   - before: the count of `network.graph`.
    ///   - after: the count of `graph`.
    public func savings(before: MACCount, after: MACCount) -> [Int] {
        conversion.savings(before: before, after: after)
    }

    /// The network quantised to integers.
    ///
    /// - Parameter progress: called now and then with the progress, from the calling thread.
    /// - Throws: `QuantizationError`, `CalibrationError`; any error of reading images and of running the network.
    public func quantized(
        _ request: QuantizationRequest, _ settings: CalibrationSettings = CalibrationSettings(),
        progress: (CalibrationProgress) -> Void = { _ in }
    ) throws -> ConvertedNetwork {
        var network = self
        network.quantization = try QuantizedModel(conversion.model, request, settings, progress: progress)
        return network
    }

    /// Verifies the network against its source.
    ///
    /// - Throws: `FailedVerification` if a check failed; any error of running the two graphs.
    public func verified(
        _ options: VerificationOptions = VerificationOptions()
    ) throws -> VerifiedConversion {
        let verification = try Verifier.verify(
            source: network.sourceModel, converted: model, options: options)
        guard let failure = verification.failure else {
            return VerifiedConversion(model: model, verification: verification, network: self)
        }
        throw FailedVerification(verification, failure)
    }

    /// The network without verification, for callers that verify it later or trust it.
    public func unverified() -> UnverifiedConversion {
        UnverifiedConversion(model: model, network: self)
    }
}

/// A converted network that can be written.
public protocol WritableConversion: Sendable {
    /// The converted model, with its manifest.
    var model: Model { get }
    /// The converted network.
    var network: ConvertedNetwork { get }
}

extension WritableConversion {
    /// Writes the model. The file appears only when it is complete.
    ///
    /// - Throws: `FileError`, `ONNXFormatError`.
    public func write(
        to path: String, overwrite: Bool = false, externalData: ExternalDataPolicy = .automatic
    ) throws {
        try ONNXFile.write(model, to: path, overwrite: overwrite, externalData: externalData)
    }
}

/// A converted network that passed verification: no check failed.
public struct VerifiedConversion: WritableConversion {
    public let model: Model
    /// The results of the checks.
    public let verification: Verification
    public let network: ConvertedNetwork
}

/// A converted network that has not been verified.
public struct UnverifiedConversion: WritableConversion {
    public let model: Model
    public let network: ConvertedNetwork
}

/// A verification in which a check failed.
public struct FailedVerification: DiagnosableError {
    /// The results of the checks.
    public let verification: Verification
    public let diagnostic: Diagnostic

    init(_ verification: Verification, _ failure: VerificationCheck) {
        self.verification = verification
        diagnostic = failure.diagnostic(file: nil)
    }
}

extension VerificationCheck {
    /// The failed check as an error on a file.
    public func diagnostic(file: String?) -> Diagnostic {
        Diagnostic(
            .checkFailed, file: file, place: "check \(kind.rawValue) failed (\(kind.title))",
            problem: summary)
    }
}
