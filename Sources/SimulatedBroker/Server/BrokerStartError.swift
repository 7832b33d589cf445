import Glibc

/// Why a simulated broker did not start: the system gave it no socket or no thread.
package struct BrokerStartError: Error, CustomStringConvertible {
    var step: String
    var number: Int32

    package var description: String {
        "The simulated broker can't start: \(self.step) failed with '\(String(cString: strerror(self.number)))'. "
            + "Free descriptors and threads, then try again."
    }
}
