import Crypto
package import UpdraftContract

extension Command {
    /// A fingerprint of what the command asks for: name, arguments, region and whether it is a dry run.
    ///
    /// The same id with another meaning is a conflict (design.md, "The ledger is a stream"); how a sender wrote the
    /// JSON, its deadline and its batch don't matter.
    package var meaning: UInt64 {
        let body = Command(self.arguments, region: self.region, dryRun: self.dryRun).encoded()
        return SHA256.words(of: [String(decoding: body, as: UTF8.self)])[0]
    }
}
