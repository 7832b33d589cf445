import CRabbitMQ

/// Short-lived C memory for the texts and tables of one method or message.
struct EncodingArena: ~Copyable {
    private let pool: UnsafeMutablePointer<amqp_pool_t>

    init() {
        self.pool = .allocate(capacity: 1)
        init_amqp_pool(self.pool, 16_384)
    }

    deinit {
        empty_amqp_pool(self.pool)
        self.pool.deallocate()
    }

    /// Makes all memory available again.
    borrowing func recycle() {
        recycle_amqp_pool(self.pool)
    }

    borrowing func bytes(_ text: String) -> amqp_bytes_t {
        var text = text
        return text.withUTF8 { self.copy(UnsafeRawBufferPointer($0)) }
    }

    borrowing func bytes(_ bytes: [UInt8]) -> amqp_bytes_t {
        bytes.withUnsafeBytes { self.copy($0) }
    }

    borrowing func table(_ table: [String: FieldValue]) -> amqp_table_t {
        guard !table.isEmpty, let memory = self.allocate(amqp_table_entry_t.self, count: table.count) else {
            return amqp_table_t()
        }
        var entry = memory
        for (key, value) in table {
            entry.initialize(to: amqp_table_entry_t(key: self.bytes(key), value: self.value(value)))
            entry += 1
        }
        return amqp_table_t(num_entries: Int32(table.count), entries: memory)
    }

    private borrowing func value(_ value: FieldValue) -> amqp_field_value_t {
        var field = amqp_field_value_t()
        func set(_ kind: amqp_field_value_kind_t) { field.kind = UInt8(kind.rawValue) }
        switch value {
        case .null:
            set(AMQP_FIELD_KIND_VOID)
        case .bool(let value):
            set(AMQP_FIELD_KIND_BOOLEAN)
            field.value.boolean = value ? 1 : 0
        case .int(let value):
            set(AMQP_FIELD_KIND_I64)
            field.value.i64 = value
        case .double(let value):
            set(AMQP_FIELD_KIND_F64)
            field.value.f64 = value
        case .string(let value):
            set(AMQP_FIELD_KIND_UTF8)
            field.value.bytes = self.bytes(value)
        case .bytes(let value):
            set(AMQP_FIELD_KIND_BYTES)
            field.value.bytes = self.bytes(value)
        case .timestamp(let value):
            set(AMQP_FIELD_KIND_TIMESTAMP)
            field.value.u64 = value
        case .array(let values):
            set(AMQP_FIELD_KIND_ARRAY)
            field.value.array = self.array(values)
        case .table(let values):
            set(AMQP_FIELD_KIND_TABLE)
            field.value.table = self.table(values)
        }
        return field
    }

    private borrowing func array(_ values: [FieldValue]) -> amqp_array_t {
        guard !values.isEmpty, let memory = self.allocate(amqp_field_value_t.self, count: values.count) else {
            return amqp_array_t()
        }
        for (index, value) in values.enumerated() {
            (memory + index).initialize(to: self.value(value))
        }
        return amqp_array_t(num_entries: Int32(values.count), entries: memory)
    }

    private borrowing func copy(_ source: UnsafeRawBufferPointer) -> amqp_bytes_t {
        guard let start = source.baseAddress, !source.isEmpty,
            let memory = self.allocate(UInt8.self, count: source.count)
        else { return amqp_bytes_t() }
        UnsafeMutableRawPointer(memory).copyMemory(from: start, byteCount: source.count)
        return amqp_bytes_t(len: source.count, bytes: memory)
    }

    private borrowing func allocate<T>(_ type: T.Type, count: Int) -> UnsafeMutablePointer<T>? {
        // The pool aligns to 8 bytes (amqp_mem.c), enough for everything here.
        amqp_pool_alloc(self.pool, MemoryLayout<T>.stride * count)?.bindMemory(to: type, capacity: count)
    }
}
