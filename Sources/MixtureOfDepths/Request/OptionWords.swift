/// Collects the words of a command.
public struct OptionWords {
    /// The words so far.
    public private(set) var words: [String] = []

    /// No words.
    public init() {}

    /// Adds a flag.
    public mutating func add(_ flag: String) { words.append(flag) }

    /// Adds an option with its value, unless the value is nil or the usual one.
    ///
    /// A value that starts with a hyphen is joined to its option; otherwise it would be parsed as another
    /// option.
    public mutating func add(_ option: String, _ value: String?, unless usual: String? = nil) {
        guard let value, value != usual else { return }
        words += value.hasPrefix("-") ? ["\(option)=\(value)"] : [option, value]
    }

    mutating func add(_ target: Target, unless usual: Target) {
        if target != usual { add(target.option.name, target.option.value) }
    }

    /// Adds the options that name images, without those of usual values.
    public mutating func add(_ images: CalibrationData) {
        add("--calibrate", images.source, unless: CalibrationData.synthetic)
        add("--calibrate-samples", "\(images.samples)", unless: "\(CalibrationData.usualSamples)")
        guard let preprocessing = images.preprocessing else { return }
        func list(_ numbers: [Double]?) -> String? {
            numbers.map { $0.map { "\($0)" }.joined(separator: ",") }
        }
        add("--preprocess", preprocessing.preset)
        add("--mean", list(preprocessing.mean))
        add("--std", list(preprocessing.deviation))
        add("--scale", preprocessing.scale.map { "\($0)" })
        add("--size", preprocessing.size.map { $0.map(String.init).joined(separator: "x") })
        add("--resize", preprocessing.shortSide.map(String.init))
        add("--layout", preprocessing.layout)
    }
}
