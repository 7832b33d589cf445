extension AsyncHTTPClientTransport {
    /// The transport of a client with these settings.
    convenience init(_ configuration: AWSConfiguration) {
        self.init(
            timeouts: configuration.timeouts,
            maximumResponseSize: configuration.maximumResponseSize,
            proxy: configuration.proxy,
            certificateBundle: configuration.certificateBundle
        )
    }

    /// The transport to the container's and the instance's own services: small answers, no proxy, no redirects.
    static func local(certificateBundle: String? = nil) -> AsyncHTTPClientTransport {
        AsyncHTTPClientTransport(
            timeouts: AWSTimeouts(connect: .seconds(1)),
            maximumResponseSize: 64 << 10,
            certificateBundle: certificateBundle
        )
    }
}
