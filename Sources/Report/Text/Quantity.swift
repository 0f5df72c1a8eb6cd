/// Formats numbers for people: four digits and a unit.
public enum Quantity {
    /// A count in decimal units: `4.089 G`, `163.8 M`, `9.408 k`, `512`.
    public static func count(_ value: Int) -> String {
        let magnitude = scaled(Double(value.magnitude), units: ["", " k", " M", " G", " T", " P", " E"])
        return (value < 0 ? "-" : "") + magnitude
    }

    /// A difference of multiply-accumulates: `-163.8 MMAC`, `+512 MAC`.
    public static func change(macs: Int) -> String {
        let text = (macs > 0 ? "+" : "") + count(macs)
        return text + (text.contains(" ") ? "MAC" : " MAC")
    }

    /// A whole number with its sign: `+3`, `-12`, `0`.
    public static func signed(_ value: Int) -> String { value > 0 ? "+\(value)" : "\(value)" }

    /// A number of bytes in decimal units: `97.49 MB`.
    public static func bytes(_ value: Int) -> String {
        scaled(Double(value.magnitude), units: [" B", " kB", " MB", " GB", " TB", " PB", " EB"])
    }

    /// `part` of `whole` in percent, with one decimal; empty if there is no whole.
    public static func share(_ part: Int, of whole: Int) -> String {
        whole == 0 ? "" : fixed(100 * Double(part) / Double(whole), decimals: 1) + " %"
    }

    /// The change in percent: `-22.2 %`, `+3.0 %`; empty if the old value is 0.
    public static func relativeChange(from old: Int, to new: Int) -> String {
        guard old > 0 else { return "" }
        let percent = 100 * (Double(new) - Double(old)) / Double(old)
        return (percent > 0 ? "+" : "") + fixed(percent, decimals: 1) + " %"
    }

    /// A small number such as an error: two digits and an exponent (`1.2e-07`), or `0` if it is exactly 0.
    public static func error(_ value: Double) -> String {
        guard value.isFinite else { return value.isNaN ? "NaN" : value < 0 ? "-infinity" : "infinity" }
        guard value != 0 else { return "0" }
        var mantissa = value.magnitude
        var exponent = 0
        while mantissa >= 10 { (mantissa, exponent) = (mantissa / 10, exponent + 1) }
        while mantissa < 1 { (mantissa, exponent) = (mantissa * 10, exponent - 1) }
        if mantissa >= 9.95 { (mantissa, exponent) = (1, exponent + 1) }
        let digits = String(exponent.magnitude)
        let sign = (value < 0 ? "-" : "", exponent < 0 ? "-" : "+")
        return "\(sign.0)\(fixed(mantissa, decimals: 1))e\(sign.1)\(digits.count < 2 ? "0" : "")\(digits)"
    }

    /// A value of a tensor: four decimals, or an exponent where those would hide it.
    public static func figure(_ value: Double) -> String {
        value == 0 || (1e-3..<1e6).contains(value.magnitude) ? fixed(value, decimals: 4) : error(value)
    }

    /// A number with that many decimals.
    public static func fixed(_ value: Double, decimals: Int) -> String {
        guard value.isFinite else { return error(value) }
        var scale = 1.0
        for _ in 0..<decimals { scale *= 10 }
        let scaled = (value.magnitude * scale).rounded()
        guard scaled < 1e15 else { return error(value) }
        let digits = String(Int(scaled))
        let padded = String(repeating: "0", count: max(0, decimals + 1 - digits.count)) + digits
        let sign = value < 0 && scaled > 0 ? "-" : ""
        guard decimals > 0 else { return sign + padded }
        return "\(sign)\(padded.dropLast(decimals)).\(padded.suffix(decimals))"
    }

    private static func scaled(_ value: Double, units: [String]) -> String {
        var value = value
        var unit = 0
        // A value that would round to 1000 of a unit moves to the next unit.
        while value >= (unit == 0 ? 1000 : 999.95), unit < units.count - 1 {
            value /= 1000
            unit += 1
        }
        let decimals = unit == 0 ? 0 : value >= 99.995 ? 1 : value >= 9.9995 ? 2 : 3
        return fixed(value, decimals: decimals) + units[unit]
    }
}
