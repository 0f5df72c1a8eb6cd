// The field numbers of onnx.proto's messages, for those fields that are written.

enum ModelField: UInt64, FieldNumber {
    case irVersion = 1
    case producerName = 2
    case producerVersion = 3
    case domain = 4
    case modelVersion = 5
    case docString = 6
    case graph = 7
    case opsetImport = 8
    case metadata = 14
    case trainingInfo = 20
    case functions = 25
    case configuration = 26
}

enum OpsetField: UInt64, FieldNumber {
    case domain = 1
    case version = 2
}

enum EntryField: UInt64, FieldNumber {
    case key = 1
    case value = 2
}

enum GraphField: UInt64, FieldNumber {
    case node = 1
    case name = 2
    case initializer = 5
    case docString = 10
    case input = 11
    case output = 12
    case valueInfo = 13
    case quantizationAnnotation = 14
    case metadata = 16
}

enum NodeField: UInt64, FieldNumber {
    case input = 1
    case output = 2
    case name = 3
    case operatorType = 4
    case attribute = 5
    case docString = 6
    case domain = 7
    case overload = 8
    case metadata = 9
    case deviceConfigurations = 10
}

enum AttributeField: UInt64, FieldNumber {
    case name = 1
    case float = 2
    case int = 3
    case string = 4
    case tensor = 5
    case graph = 6
    case floats = 7
    case ints = 8
    case strings = 9
    case tensors = 10
    case graphs = 11
    case docString = 13
    case type = 20
    case reference = 21
}

enum TensorField: UInt64, FieldNumber {
    case dims = 1
    case dataType = 2
    case stringData = 6
    case name = 8
    case rawData = 9
    case docString = 12
    case externalData = 13
    case dataLocation = 14
    case metadata = 16
}

enum ValueInfoField: UInt64, FieldNumber {
    case name = 1
    case type = 2
    case docString = 3
    case metadata = 4
}

enum TypeField: UInt64, FieldNumber {
    case tensor = 1
    case denotation = 6
}

enum AnnotationField: UInt64, FieldNumber {
    case tensorName = 1
    case parameterNames = 2
}

enum TensorTypeField: UInt64, FieldNumber {
    case elementType = 1
    case shape = 2
}

enum ShapeField: UInt64, FieldNumber {
    case dim = 1
}

enum DimField: UInt64, FieldNumber {
    case value = 1
    case symbol = 2
    case denotation = 3
}
