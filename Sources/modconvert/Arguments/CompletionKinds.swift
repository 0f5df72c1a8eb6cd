import ArgumentParser

/// The values of options that shells complete.
extension CompletionKind {
    static var model: CompletionKind { .file(extensions: ["onnx"]) }
    static var tensor: CompletionKind { .file(extensions: ["npy", "npz", "pb"]) }
    static var tensorOrImage: CompletionKind {
        .file(extensions: ["npy", "npz", "pb", "png", "jpg", "jpeg"])
    }
}
