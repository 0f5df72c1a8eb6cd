/// The value of an operator's attribute (ONNX `AttributeProto`).
public enum Attribute: Sendable, Equatable {
    case int(Int64)
    case float(Float)
    case string(String)
    case tensor(Tensor)
    case graph(Graph)
    case ints([Int64])
    case floats([Float])
    case strings([String])
    case tensors([Tensor])
    case graphs([Graph])
    /// The serialised `AttributeProto` of a kind that this IR does not model (type protos, sparse tensors,
    /// strings that are not UTF-8); kept unchanged.
    case opaque([UInt8])
    /// Inside a function body: the name of the function's attribute that supplies the value.
    case reference(String)
}

/// A node's attributes, in the order in which the file lists them.
public struct Attributes: Sendable, Equatable, ExpressibleByDictionaryLiteral {
    /// The attributes in the file's order.
    public private(set) var entries: [(name: String, value: Attribute)] = []
    /// Doc strings, by the names of the attributes that have one.
    public var docStrings: [String: String] = [:]

    /// No attributes.
    public init() {}

    public init(dictionaryLiteral elements: (String, Attribute)...) {
        for (name, value) in elements { self[name] = value }
    }

    /// The attribute of that name; setting nil removes it. O(number of attributes), which is small.
    public subscript(name: String) -> Attribute? {
        get { entries.first { $0.name == name }?.value }
        set {
            let index = entries.firstIndex { $0.name == name }
            switch (index, newValue) {
            case (let index?, let value?): entries[index].value = value
            case (let index?, nil):
                entries.remove(at: index)
                docStrings[name] = nil
            case (nil, let value?): entries.append((name, value))
            case (nil, nil): break
            }
        }
    }

    public static func == (a: Attributes, b: Attributes) -> Bool {
        a.entries.count == b.entries.count && a.docStrings == b.docStrings
            && zip(a.entries, b.entries).allSatisfy { $0.name == $1.name && $0.value == $1.value }
    }
}
