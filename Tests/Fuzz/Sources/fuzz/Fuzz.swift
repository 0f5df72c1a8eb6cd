import CFuzzer
import Foundation
import FuzzTargets

/// `fuzz TARGET [libFuzzer's arguments]`: runs one target.
@main
struct Fuzz {
    static func main() {
        guard CommandLine.arguments.count > 1, let chosen = FuzzTarget(rawValue: CommandLine.arguments[1])
        else {
            let names = FuzzTarget.allCases.map(\.rawValue).joined(separator: "|")
            FileHandle.standardError.write(Data("usage: fuzz \(names) [libFuzzer's arguments]\n".utf8))
            exit(64)
        }
        target = chosen
        var count = CommandLine.argc - 1
        var arguments = CommandLine.unsafeArgv.advanced(by: 1)
        withUnsafeMutablePointer(to: &arguments) { pointer in
            pointer.withMemoryRebound(
                to: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?.self, capacity: 1
            ) { exit(LLVMFuzzerRunDriver(&count, $0, run)) }
        }
    }
}

/// Set once, before the driver starts, and read by its one thread.
nonisolated(unsafe) private var target = FuzzTarget.model

/// libFuzzer's callback. A finding ends the process, which makes libFuzzer keep the input.
private func run(_ data: UnsafePointer<UInt8>?, _ size: Int) -> Int32 {
    do {
        try target.run(UnsafeRawBufferPointer(start: data, count: size))
    } catch {
        fatalError("\(error)")
    }
    return 0
}

/// Half of the mutations of a protobuf message keep it a message; the others are libFuzzer's own.
@_cdecl("LLVMFuzzerCustomMutator")
public func mutate(_ data: UnsafeMutablePointer<UInt8>, _ size: Int, _ maxSize: Int, _ seed: UInt32) -> Int {
    var random = SeededGenerator(seed: UInt64(seed))
    guard target.takesMessages, Bool.random(using: &random) else {
        return LLVMFuzzerMutate(data, size, maxSize)
    }
    let bytes = UnsafeRawBufferPointer(start: data, count: size)
    guard let mutated = MessageMutator.mutate(bytes, using: &random), mutated.count <= maxSize else {
        return LLVMFuzzerMutate(data, size, maxSize)
    }
    for (index, byte) in mutated.enumerated() { data[index] = byte }
    return mutated.count
}
