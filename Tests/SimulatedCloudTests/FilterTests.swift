import FoundationEssentials
import Testing

@testable import SimulatedCloud

@Suite struct FilterTests {
    @Test(arguments: [
        ("abc", "abc", true), ("abc", "ABC", false), ("a*", "abc", true), ("*c", "abc", true), ("*b*", "abc", true),
        ("a?c", "abc", true), ("a?c", "ac", false), ("*", "", true), ("?", "", false), ("", "", true), ("", "a", false),
        ("a\\*", "a*", true), ("a\\*", "ab", false), ("a**c", "abbc", true), ("a*b*c", "axbxxc", true),
        ("a*b*c", "axcxb", false), ("\\?", "?", true), ("node-?", "node-12", false), ("node-*2", "node-122", true),
    ])
    func wildcards(pattern: String, value: String, matches: Bool) {
        #expect(ValueMatcher([pattern]).matches(value) == matches)
        #expect(ValueMatcher(["other", pattern]).matches(value) == matches)
    }

    /// The fast matcher agrees with the definition of wildcards.
    @Test func wildcardsAgreeWithTheirDefinition() {
        func defined(_ value: ArraySlice<UInt8>, _ pattern: ArraySlice<UInt8>) -> Bool {
            guard let first = pattern.first else { return value.isEmpty }
            if first == UInt8(ascii: "*") {
                return defined(value, pattern.dropFirst())
                    || !value.isEmpty && defined(value.dropFirst(), pattern)
            }
            guard let byte = value.first, first == UInt8(ascii: "?") || first == byte else { return false }
            return defined(value.dropFirst(), pattern.dropFirst())
        }
        var generator = SeededGenerator(seed: 3)
        var matched = 0
        for _ in 0..<5000 {
            let value = (0..<Int.random(in: 0..<8, using: &generator)).map { _ in
                "ab".utf8.randomElement(using: &generator) ?? 0
            }
            let pattern = (0..<Int.random(in: 0..<7, using: &generator)).map { _ in
                "ab*?".utf8.randomElement(using: &generator) ?? 0
            }
            let expected = defined(value[...], pattern[...])
            let matcher = ValueMatcher([String(decoding: pattern, as: UTF8.self)])
            #expect(matcher.matches(String(decoding: value, as: UTF8.self)) == expected)
            matched += expected ? 1 : 0
        }
        #expect((500...4500).contains(matched))
    }

    @Test func aHostilePatternIsCheap() {
        let pattern = String(repeating: "*a", count: 200) + "b"
        #expect(!ValueMatcher([pattern]).matches(String(repeating: "a", count: 5000)))
    }

    @Test func filtersCombine() throws {
        var cloud = try RegionHarness { $0.delays = .none }
        let tags = { (role: String) in
            [
                "TagSpecification.1.ResourceType": "instance", "TagSpecification.1.Tag.1.Key": "Role",
                "TagSpecification.1.Tag.1.Value": role,
            ]
        }
        let execute = try cloud.launch(2, tags("execute"))
        let manager = try cloud.launch(1, tags("manager"))
        try cloud.call("StopInstances", ids: [execute[0]])
        cloud.wait(0)
        func found(_ filters: [(String, [String])]) throws -> Set<String> {
            var form: [String: String] = [:]
            for (index, filter) in filters.enumerated() {
                form["Filter.\(index + 1).Name"] = filter.0
                for (number, value) in filter.1.enumerated() { form["Filter.\(index + 1).Value.\(number + 1)"] = value }
            }
            return Set(try cloud.call("DescribeInstances", form).instanceIDs)
        }
        #expect(try found([("tag:Role", ["execute"])]) == Set(execute))
        #expect(try found([("tag:Role", ["execute", "manager"])]) == Set(execute + manager))
        #expect(try found([("tag:Role", ["exe*"]), ("instance-state-name", ["running"])]) == [execute[1]])
        #expect(try found([("tag-key", ["R?le"])]) == Set(execute + manager))
        #expect(try found([("instance-id", ["i-0000000000000dead", manager[0]])]) == Set(manager))
        #expect(try found([("tag:role", ["execute"])]).isEmpty)
        #expect(throws: CloudError.self) { try found([("no-such-filter", ["x"])]) }
    }

    /// Pages stay complete while instances come and go: whatever lives through all of them is on exactly one.
    @Test(arguments: 0..<10) func pagesAreStable(seed: Int) throws {
        var generator = SeededGenerator(seed: UInt64(seed))
        var cloud = try RegionHarness { configuration in
            configuration.delays = .none
            configuration.delays.terminatedRetention = .seconds(1)
        }
        let lasting = try cloud.launch(40)
        var mortal = try cloud.launch(40)
        cloud.wait(0)
        var seen: [String] = []
        var token: String?
        var pages = 0
        repeat {
            var form = ["MaxResults": String(Int.random(in: 5..<12, using: &generator))]
            form["NextToken"] = token
            let page = try cloud.call("DescribeInstances", form)
            seen += page.instanceIDs
            token = page.values("nextToken").first
            pages += 1
            if let victim = mortal.popLast() { try cloud.call("TerminateInstances", ids: [victim]) }
            mortal += try cloud.launch(Int.random(in: 1..<3, using: &generator))
            cloud.wait(2)
        } while token != nil && pages < 1000
        #expect(token == nil && pages > 5)
        #expect(Set(seen).count == seen.count)
        #expect(Set(lasting).isSubset(of: seen))
    }

    @Test(arguments: ["page.x.1", "page", "", "page..9223372036854775807", "9", "page.0.-5"])
    func forgedTokensAreRefused(token: String) throws {
        var cloud = try RegionHarness()
        let code = errorCode { () throws(CloudError) in try cloud.call("DescribeInstances", ["NextToken": token]) }
        #expect(code == "InvalidParameterValue")
    }
}
