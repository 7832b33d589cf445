import CRabbitMQ
import Testing

@testable import AMQPClient

@Suite struct FieldValueTests {
    /// The thread of a connection, with its stack.
    private actor Decoder {
        private let executor = PollingExecutor(name: "decoder")

        nonisolated var unownedExecutor: UnownedSerialExecutor { self.executor.asUnownedSerialExecutor() }

        deinit { self.executor.abandon() }

        func decode(_ encoded: [UInt8]) -> [String: FieldValue]? {
            var pool = amqp_pool_t()
            init_amqp_pool(&pool, 4096)
            defer { empty_amqp_pool(&pool) }
            var table = amqp_table_t()
            var offset = 0
            var bytes = encoded
            let status = bytes.withUnsafeMutableBytes { buffer in
                let encoded = amqp_bytes_t(len: buffer.count, bytes: buffer.baseAddress)
                return amqp_decode_table(encoded, &pool, &table, &offset)
            }
            return status == 0 ? FrameDecoder.table(table) : nil
        }

        func roundTrip(_ values: [String: FieldValue]) -> [String: FieldValue]? {
            let arena = EncodingArena()
            var table = arena.table(values)
            var bytes = [UInt8](repeating: 0, count: 1 << 20)
            var offset = 0
            let status = bytes.withUnsafeMutableBytes { buffer in
                amqp_encode_table(amqp_bytes_t(len: buffer.count, bytes: buffer.baseAddress), &table, &offset)
            }
            guard status == 0 else { return nil }
            return self.decode(Array(bytes.prefix(offset)))
        }
    }

    private static func value(_ generator: inout SeededGenerator, depth: Int) -> FieldValue {
        switch Int.random(in: 0..<(depth > 3 ? 7 : 9), using: &generator) {
        case 0: return .null
        case 1: return .bool(.random(using: &generator))
        case 2: return .int(.random(in: .min ... .max, using: &generator))
        case 3: return .double(.random(in: -1e300...1e300, using: &generator))
        case 4: return .string(String((0..<3).map { _ in "aé漢😀".randomElement(using: &generator) ?? "x" }))
        case 5: return .bytes((0..<5).map { _ in .random(in: .min ... .max, using: &generator) })
        case 6: return .timestamp(.random(in: .min ... .max, using: &generator))
        case 7:
            return .array(
                (0..<Int.random(in: 0...4, using: &generator)).map { _ in Self.value(&generator, depth: depth + 1) }
            )
        default: return .table(Self.table(&generator, depth: depth + 1))
        }
    }

    private static func table(_ generator: inout SeededGenerator, depth: Int) -> [String: FieldValue] {
        var table: [String: FieldValue] = [:]
        for index in 0..<Int.random(in: 0...5, using: &generator) {
            table["key \(index)"] = Self.value(&generator, depth: depth)
        }
        return table
    }

    @Test func everyValueSurvivesEncodingAndDecoding() async throws {
        let decoder = Decoder()
        var generator = SeededGenerator(seed: 5)
        for _ in 0..<300 {
            let table = Self.table(&generator, depth: 0)
            #expect(await decoder.roundTrip(table) == table)
        }
    }

    @Test func theSizeIsThatOfTheEncoding() throws {
        let value: FieldValue = ["k": [1, "two", true, nil, ["x": 1.5]]]
        // Kind and length, then key, then the list: each as the library writes it.
        #expect(try value.encodedSize() == 5 + 2 + 5 + 9 + 8 + 2 + 1 + 5 + 2 + 9)
    }

    /// A header of one frame can nest 26,000 deep; decoding recurses in C, on the stack of the I/O thread.
    @Test func aDeeplyNestedHeaderIsCutOff() async throws {
        let depth = 26_000
        var encoded: [UInt8] = []
        func append(_ length: Int) {
            encoded += [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: length >> $0) }
        }
        append(2 + depth * 5 + 1)
        encoded += [1, UInt8(ascii: "k")]
        for level in 0..<depth {
            encoded.append(UInt8(ascii: "A"))
            append((depth - level - 1) * 5 + 1)
        }
        encoded.append(UInt8(ascii: "V"))
        guard let table = await Decoder().decode(encoded) else {
            return  // A library that refuses such depth is fine, too.
        }
        var value = table["k"]
        var count = 0
        while case .array(let elements)? = value {
            count += 1
            value = elements.first
        }
        #expect(count <= FrameDecoder.maximumDepth)
    }

    /// Random bytes never crash the decoder.
    @Test func fuzz() async {
        let decoder = Decoder()
        var generator = SeededGenerator(seed: 9)
        let kinds = Array("tbBsuIilLfdDSATFVx".utf8)
        for _ in 0..<5000 {
            var content = (0..<Int.random(in: 0...40, using: &generator)).map { _ in
                Bool.random(using: &generator)
                    ? kinds[Int.random(in: 0..<kinds.count, using: &generator)]
                    : UInt8.random(in: 0...12, using: &generator)
            }
            content.insert(contentsOf: [0, 0, 0, UInt8(content.count)], at: 0)
            if let table = await decoder.decode(content) {
                #expect(table.count <= content.count)
            }
        }
    }
}
