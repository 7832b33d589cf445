extension AsyncHTTPClientTransport {
    /// The transport to the container's and the instance's own services: small answers, no proxy, no redirects.
    static func local() -> AsyncHTTPClientTransport {
        AsyncHTTPClientTransport(timeouts: AWSTimeouts(connect: .seconds(1)), maximumResponseSize: 64 << 10)
    }
}
