import Conversion
import GraphIR
import MixtureOfDepths
import ONNXFormat
import Passes
import Runtime

// Modules that hold a type of their own name cannot be named in a typealias: these types come by import.
@_exported import struct Calibration.CalibrationProgress
@_exported import struct Verification.Verification
@_exported import struct Verification.VerificationCheck
@_exported import struct Verification.VerificationOptions

// The one product under semantic versioning: the types that a conversion takes and gives, by the names that stay. The
// modules behind them may change with any minor version; docs/library.md says what is promised.

// MARK: What is asked for

/// The file that is converted.
public typealias ConversionSource = Conversion.ConversionSource
/// All that a conversion is asked for.
public typealias ConversionRequest = MixtureOfDepths.ConversionRequest
/// How the blocks of a network and their weights are made.
public typealias Recipe = MixtureOfDepths.Recipe
/// How blocks are made that are to be trained.
public typealias PaperRecipe = MixtureOfDepths.PaperRecipe
/// How the blocks of a trained network are made without training.
public typealias CalibratedRecipe = MixtureOfDepths.CalibratedRecipe
/// How a block of a trained network is reduced.
public typealias BlockReduction = MixtureOfDepths.BlockReduction
/// Which blocks are to be converted.
public typealias BlockSelection = MixtureOfDepths.BlockSelection
/// The share of a block that is computed.
public typealias ModRatio = MixtureOfDepths.ModRatio
/// What the ratios of blocks are chosen for, where they do not share one.
public typealias Budget = MixtureOfDepths.Budget
/// The images of a calibration.
public typealias CalibrationData = MixtureOfDepths.CalibrationData
/// What a calibration may use.
public typealias CalibrationSettings = Conversion.CalibrationSettings
/// The shape that an input is given.
public typealias InputShape = Passes.InputShape
/// What reading a file may take.
public typealias ImportLimits = ONNXFormat.ImportLimits
/// What running a network may take.
public typealias RunLimits = Runtime.RunLimits

// MARK: The stages

/// The source in the form in which blocks are recognised.
public typealias CanonicalNetwork = Conversion.CanonicalNetwork
/// A conversion whose blocks are decided.
public typealias PlannedConversion = Conversion.PlannedConversion
/// A conversion with the weights of its blocks.
public typealias FittedConversion = Conversion.FittedConversion
/// A converted network, not yet verified.
public typealias ConvertedNetwork = Conversion.ConvertedNetwork
/// A converted network that can be written.
public typealias WritableConversion = Conversion.WritableConversion
/// A converted network none of whose checks failed.
public typealias VerifiedConversion = Conversion.VerifiedConversion
/// A converted network that nobody verified.
public typealias UnverifiedConversion = Conversion.UnverifiedConversion
// MARK: What comes out

/// What is decided for every block.
public typealias MoDPlan = MixtureOfDepths.MoDPlan
/// What happens to one block, and why.
public typealias Verdict = MixtureOfDepths.Verdict
/// What a block is in a converted network.
public typealias BlockForm = MixtureOfDepths.BlockForm
/// A block of a converted network.
public typealias MoDBlock = MixtureOfDepths.MoDBlock
/// What a converted file says of its making.
public typealias Manifest = MixtureOfDepths.Manifest
/// A verification in which a check failed.
public typealias FailedVerification = Conversion.FailedVerification
/// An error that can be told to a user as one line.
public typealias DiagnosableError = GraphIR.DiagnosableError
/// What is wrong, where, and what to do about it.
public typealias Diagnostic = GraphIR.Diagnostic
