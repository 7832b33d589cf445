/// Certificates for a TLS connection; peer and host name are always verified.
public struct TLSConfiguration: Sendable, Hashable {
    /// The bundle of the system's certificate authorities on Debian and its relatives.
    ///
    /// librabbitmq 0.11 knows no default path of its own (notes on RabbitMQ, rule 17).
    public static let systemAuthorities = "/etc/ssl/certs/ca-certificates.crt"

    /// A PEM file with the certificate authorities to trust; the system's bundle by default.
    public var caFile: String
    /// A PEM file with the client's certificate chain, if the broker asks for one.
    public var certificateFile: String?
    /// A PEM file with the unencrypted private key of the client's certificate.
    public var keyFile: String?

    /// Creates a configuration.
    public init(caFile: String = Self.systemAuthorities, certificateFile: String? = nil, keyFile: String? = nil) {
        self.caFile = caFile
        self.certificateFile = certificateFile
        self.keyFile = keyFile
    }
}
