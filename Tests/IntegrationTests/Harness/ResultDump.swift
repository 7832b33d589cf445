import AMQPClient
import Foundation
import Synchronization
import UpdraftContract

/// Keeps every answer that the tests receive, a line each, for the foreign validator of the schemas.
///
/// `UPDRAFT_TEST_RESULTS` names the directory; results and progress have a file each.
enum ResultDump {
    private static let directory = TestEnvironment.variables["UPDRAFT_TEST_RESULTS"]
    private static let files = Mutex<[String: FileHandle]>([:])

    static func write(_ delivery: Delivery) {
        guard let directory = self.directory else { return }
        let kind = delivery.message.properties.type == MessageType.progress ? "progress" : "result"
        self.files.withLock { files in
            if files[kind] == nil {
                let path = "\(directory)/\(kind)-\(ProcessInfo.processInfo.processIdentifier).jsonl"
                _ = FileManager.default.createFile(atPath: path, contents: nil)
                files[kind] = FileHandle(forWritingAtPath: path)
            }
            try? files[kind]?.write(contentsOf: Data(delivery.message.body + [UInt8(ascii: "\n")]))
        }
    }
}
