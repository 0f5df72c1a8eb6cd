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

// The one product under semantic versioning: the types that a conversion takes and returns, under stable
// names. The modules behind them may change with any minor version; docs/library.md says what is promised.

// MARK: The request

/// The file that is converted.
public typealias ConversionSource = Conversion.ConversionSource
/// Everything that the user asks of a conversion.
public typealias ConversionRequest = MixtureOfDepths.ConversionRequest
/// How the blocks of a network and their weights are made.
public typealias Recipe = MixtureOfDepths.Recipe
/// The recipe of blocks to be trained.
public typealias PaperRecipe = MixtureOfDepths.PaperRecipe
/// The recipe that makes a trained network's blocks smaller without training.
public typealias CalibratedRecipe = MixtureOfDepths.CalibratedRecipe
/// How a block of a trained network is reduced.
public typealias BlockReduction = MixtureOfDepths.BlockReduction
/// The blocks to be converted.
public typealias BlockSelection = MixtureOfDepths.BlockSelection
/// The share of a block that is computed.
public typealias ModRatio = MixtureOfDepths.ModRatio
/// The limit that the ratios of blocks are chosen for, where they do not share one ratio.
public typealias Budget = MixtureOfDepths.Budget
/// The images of a calibration.
public typealias CalibrationData = MixtureOfDepths.CalibrationData
/// The threads and limits of a calibration.
public typealias CalibrationSettings = Conversion.CalibrationSettings
/// The shape given to an input.
public typealias InputShape = Passes.InputShape
/// The limits of reading a file.
public typealias ImportLimits = ONNXFormat.ImportLimits
/// The limits of running a network.
public typealias RunLimits = Runtime.RunLimits

// MARK: The stages

/// The source in canonical form, in which blocks are recognised.
public typealias CanonicalNetwork = Conversion.CanonicalNetwork
/// A conversion whose blocks are decided.
public typealias PlannedConversion = Conversion.PlannedConversion
/// A conversion with the weights of its blocks.
public typealias FittedConversion = Conversion.FittedConversion
/// A converted network, not yet verified.
public typealias ConvertedNetwork = Conversion.ConvertedNetwork
/// A converted network that can be written.
public typealias WritableConversion = Conversion.WritableConversion
/// A converted network that passed verification: no check failed.
public typealias VerifiedConversion = Conversion.VerifiedConversion
/// A converted network that has not been verified.
public typealias UnverifiedConversion = Conversion.UnverifiedConversion
// MARK: The result

/// The decisions for every block.
public typealias MoDPlan = MixtureOfDepths.MoDPlan
/// The decision for one block, with its reason.
public typealias Verdict = MixtureOfDepths.Verdict
/// The form of a block in a converted network, with its sizes.
public typealias BlockForm = MixtureOfDepths.BlockForm
/// A block of a converted network.
public typealias MoDBlock = MixtureOfDepths.MoDBlock
/// A converted file's own record of its conversion.
public typealias Manifest = MixtureOfDepths.Manifest
/// A verification in which a check failed.
public typealias FailedVerification = Conversion.FailedVerification
/// An error that can be shown to a user as one line.
public typealias DiagnosableError = GraphIR.DiagnosableError
/// The problem, its place, and what to do about it.
public typealias Diagnostic = GraphIR.Diagnostic
