import Testing

@testable import AMQPClient

@Suite struct TLSConfigurationTests {
    @Test(arguments: [
        TLSConfiguration(caFile: "/nonexistent/ca.pem"),
        TLSConfiguration(certificateFile: "/nonexistent/client.pem", keyFile: "/nonexistent/client.key"),
        TLSConfiguration(certificateFile: "/nonexistent/client.pem"),
    ])
    func wrongFilesAreNamedBeforeConnecting(tls: TLSConfiguration) async throws {
        var configuration = AMQPConfiguration(url: try AMQPURL("amqps://localhost:1"))
        configuration.tls = tls
        let connection = AMQPConnection(configuration)
        let error = await #expect(throws: AMQPError.self) { try await connection.open() }
        #expect(error?.code == .invalidConfiguration)
        #expect(error?.isRetryable == false)
        await connection.close()
    }
}
