import Testing

@testable import AWSClient

@Suite("XML reader")
struct XMLReaderTests {
    /// All text of a document, with its structure, by the reader's public steps.
    static func outline(_ bytes: [UInt8], limits: XMLReader.Limits = XMLReader.Limits()) throws(XMLError) -> String {
        try XMLReader.read(bytes, limits: limits) { (name, xml) throws(XMLError) in
            "\(name)(\(try Self.children(&xml)))"
        }
    }

    private static func children(_ xml: inout XMLReader) throws(XMLError) -> String {
        var parts: [String] = []
        try xml.forEachChild { (name, xml) throws(XMLError) in
            parts.append("\(name)(\(try Self.children(&xml)))")
        }
        return parts.joined(separator: ",")
    }

    private static func text(_ document: String) throws(XMLError) -> String {
        try XMLReader.read(Array(document.utf8)) { (_, xml) throws(XMLError) in try xml.text() }
    }

    private static func reason(_ document: [UInt8], limits: XMLReader.Limits = XMLReader.Limits()) -> XMLError.Reason? {
        do {
            _ = try XMLReader.read(document, limits: limits) { (_, xml) throws(XMLError) in try xml.text() }
            return nil
        } catch {
            return error.reason
        }
    }

    @Test("elements, attributes, comments, instructions and prefixes")
    func structure() throws {
        let document = """
            \u{FEFF}<?xml version="1.0" encoding="UTF-8"?>
            <!-- <b> --><a:root xmlns:a='urn:"x"' b = "1>2"><item/><item ><x/></item><?p <q> ?></a:root >
            <!-- end -->\n
            """
        #expect(try Self.outline(Array(document.utf8)) == "root(item(),item(x()))")
    }

    @Test("text: entities, references, CDATA, children left out, white space kept")
    func text() throws {
        #expect(try Self.text("<a> x &amp;&lt;&gt;&quot;&apos; &#65;&#x1F600;&#x00042; </a>") == " x &<>\"' A😀B ")
        #expect(try Self.text("<a>1<![CDATA[<&amp;]]]]><![CDATA[>]]>2<b>not</b>3<!-- c -->4</a>") == "1<&amp;]]>234")
        #expect(try Self.text("<a>1\r\n2\r3\n\r4&#xD;\r\n<![CDATA[5\r\n6]]></a>") == "1\n2\n3\n\n4\r\n5\n6")
        #expect(try Self.text("<a/>").isEmpty)
        #expect(try Self.text("<a></a>").isEmpty)
        #expect(try Self.text("<a>한글</a>") == "한글")
    }

    @Test(
        "refused with the reason",
        arguments: [
            ("", .truncated), ("   ", .truncated), ("<", .truncated), ("<a", .truncated), ("<a>", .truncated),
            ("<a b", .syntax), ("<a b=", .syntax), ("<a b='", .truncated), ("<a></a", .truncated),
            ("<a><!-- </a>", .truncated), ("<a><![CDATA[ </a>", .truncated), ("<?xml", .truncated),
            ("text", .syntax), ("<a></b>", .mismatchedTag), ("</a>", .mismatchedTag), ("<a></a></a>", .mismatchedTag),
            ("<a><b></a></b>", .mismatchedTag), ("<a/><b/>", .trailingContent), ("<a/>x", .trailingContent),
            ("<!DOCTYPE a [<!ENTITY x 'y'>]><a/>", .documentType), ("<a>&x;</a>", .entity), ("<a>&amp</a>", .entity),
            ("<a>&#0;</a>", .entity), ("<a>&#xD800;</a>", .entity), ("<a>&#x110000;</a>", .entity),
            ("<a>&#+65;</a>", .entity), ("<a>&#x;</a>", .entity), ("<a>&#-1;</a>", .entity), ("<a>&;</a>", .entity),
            ("<a>&#99999999999999999999;</a>", .entity), ("<1/>", .syntax), ("< a/>", .syntax), ("<a / >", .syntax),
            ("<a b='1'c='2'/>", .syntax), ("<a b=1/>", .syntax), ("<a b='<'/>", .syntax), ("<a></a b>", .syntax),
            ("<![CDATA[x]]><a/>", .syntax),
        ] as [(String, XMLError.Reason)]
    )
    func refused(document: String, reason: XMLError.Reason) {
        #expect(Self.reason(Array(document.utf8)) == reason)
    }

    @Test("bytes that are not UTF-8 are refused")
    func encoding() {
        #expect(Self.reason(Array("<a>".utf8) + [0xFF] + Array("</a>".utf8)) == .encoding)
        #expect(Self.reason([0xFE, 0xFF, 0x00, 0x3C, 0x00, 0x61]) == .syntax)
    }

    @Test("depth and size are bounded")
    func limits() throws {
        let nested = { (depth: Int) in
            Array((String(repeating: "<a>", count: depth) + String(repeating: "</a>", count: depth)).utf8)
        }
        #expect(Self.reason(nested(64)) == nil)
        #expect(Self.reason(nested(65)) == .tooDeep)
        #expect(Self.reason(nested(100_000)) == .tooDeep)
        #expect(Self.reason(Array("<a>12</a>".utf8), limits: .init(size: 9)) == nil)
        #expect(Self.reason(Array("<a>123</a>".utf8), limits: .init(size: 9)) == .tooLarge)
    }

    @Test("the offset points at the fault")
    func offset() {
        #expect(throws: XMLError(reason: .mismatchedTag, offset: 8, detail: "the end tag of another element")) {
            _ = try Self.outline(Array("<a><b></c></a>".utf8))
        }
    }

    @Test("typed values")
    func values() throws {
        func read<Value>(_ text: String, _ body: (inout XMLReader) throws(XMLError) -> Value) throws -> Value {
            try XMLReader.read(Array("<a>\(text)</a>".utf8)) { (_, xml) throws(XMLError) in try body(&xml) }
        }
        #expect(try read("-12") { (xml) throws(XMLError) in try xml.integer() } == -12)
        #expect(try read("true") { (xml) throws(XMLError) in try xml.bool() })
        #expect(throws: XMLError.self) { try read("1e3") { (xml) throws(XMLError) in try xml.integer() } }
        #expect(throws: XMLError.self) { try read("yes") { (xml) throws(XMLError) in try xml.bool() } }
        #expect(throws: XMLError.self) { try read("now") { (xml) throws(XMLError) in try xml.date() } }
    }

    @Test("fuzz: mutated documents are read or refused, never worse", arguments: [1, 2, 3, 4] as [UInt64])
    func fuzz(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let seeds = [Documents.describeInstances, Documents.ec2Error, "<a>&#x41;<![CDATA[x]]><!--c--><b c='d'/></a>"]
        let tokens = [
            "<", ">", "/", "</", "/>", "&", ";", "&#x", "<!--", "-->", "<![CDATA[", "]]>", "<?", "'", "\"", "=",
        ]
        var read = 0
        var refused = 0
        for _ in 0..<1500 {
            var bytes = Array(seeds[Int.random(in: 0..<seeds.count, using: &random)].utf8)
            for _ in 0..<Int.random(in: 0...4, using: &random) where !bytes.isEmpty {
                let index = Int.random(in: 0..<bytes.count, using: &random)
                switch Int.random(in: 0..<5, using: &random) {
                case 0: bytes[index] = UInt8.random(in: 0...255, using: &random)
                case 1: bytes.remove(at: index)
                case 2:
                    bytes.insert(
                        contentsOf: Array(tokens.randomElement(using: &random) ?? "<").map { $0.asciiValue ?? 0 },
                        at: index
                    )
                case 3: bytes.removeSubrange(index..<min(bytes.count, index + 20))
                default: bytes = Array(bytes.prefix(index))
                }
            }
            do {
                _ = try Self.outline(bytes)
                read += 1
            } catch {
                refused += 1
                // An error points into the document.
                if error.offset < 0 || error.offset > bytes.count {
                    Issue.record("offset \(error.offset) of \(bytes.count)")
                }
            }
            // The decoders stand the same input.
            _ = try? EC2.DescribeInstances.decode(AWSResponse(statusCode: 200, headers: [], body: bytes))
            _ = EC2.DescribeInstances.decodeError(AWSResponse(statusCode: 400, headers: [], body: bytes))
            _ = SSM.SendCommand.decodeError(AWSResponse(statusCode: 400, headers: [], body: bytes))
        }
        #expect(read > 100)
        #expect(refused > 100)
    }
}
