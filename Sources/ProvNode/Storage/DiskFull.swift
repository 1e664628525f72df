/// Failures that end with the space on the disk, and not with the program or its data: starting the node again
/// once there is space is all that is needed.
extension LogStoreError {
    var isDiskFull: Bool {
        if case .diskFull = self { true } else { false }
    }
}

extension DatabaseFailure {
    var isDiskFull: Bool {
        if case .diskFull = self { true } else { false }
    }
}

extension AttachmentError {
    var isDiskFull: Bool {
        if case .diskFull = self { true } else { false }
    }
}
