import FoundationEssentials

@testable import SimulatedCloud

/// A region with a clock that stands still unless it is told to go on.
struct RegionHarness {
    var region: RegionState
    var now: Date

    static let start = Date(timeIntervalSince1970: 1_800_000_000)

    init(_ name: String = "us-east-1", _ configure: (inout SimulatedCloudConfiguration) -> Void = { _ in }) throws {
        var configuration = SimulatedCloudConfiguration(seed: 42)
        configuration.throttling = .off
        configuration.now = { Self.start }
        configure(&configuration)
        guard let region = configuration.catalog.regions.first(where: { $0.name == name }) else {
            throw CloudError("NoSuchRegion", name)
        }
        self.region = RegionState(region, configuration: configuration)
        self.now = Self.start
    }

    var imageID: String { self.region.region.images[0].id }

    /// The state names of instances, by id.
    var states: [String: SimulatedInstance.State] {
        Dictionary(uniqueKeysWithValues: self.region.records.map { ($0.instance.id, $0.instance.state) })
    }

    mutating func wait(_ seconds: Double) {
        self.now += seconds
        self.region.advance(to: self.now)
    }

    /// Carries out a call given as the pairs of its form and returns its XML.
    @discardableResult
    mutating func call(_ action: String, _ form: [String: String] = [:]) throws(CloudError) -> EC2Call {
        let text = form.map { "\($0.key)=\($0.value.formEncoded)" }.joined(separator: "&")
        let parameters: QueryParameters
        do { parameters = try QueryParameters(parsing: Array(text.utf8)) } catch {
            throw CloudError("MalformedQueryString", "\(error)")
        }
        var call = EC2Call(action: action, parameters: parameters, now: self.now)
        try self.region.perform(&call)
        return call
    }

    /// Carries out a call on named instances.
    @discardableResult
    mutating func call(_ action: String, ids: [String], _ form: [String: String] = [:]) throws(CloudError) -> EC2Call {
        var form = form
        for (index, id) in ids.enumerated() { form["InstanceId.\(index + 1)"] = id }
        return try self.call(action, form)
    }

    /// Launches instances and returns their ids.
    mutating func launch(_ count: Int = 1, _ form: [String: String] = [:]) throws(CloudError) -> [String] {
        var all = [
            "ImageId": self.imageID, "InstanceType": "t2.micro", "MinCount": "\(count)", "MaxCount": "\(count)",
        ]
        all.merge(form) { $1 }
        return try self.call("RunInstances", all).instanceIDs
    }
}

extension EC2Call {
    /// The text of the answer.
    var text: String { String(decoding: self.xml.bytes, as: UTF8.self) }

    /// The instance ids in the answer, in order.
    var instanceIDs: [String] { self.values("instanceId") }

    /// The texts of all elements with a name.
    func values(_ element: String) -> [String] {
        self.text.split(separator: "<\(element)>").dropFirst().map { String($0.prefix { $0 != "<" }) }
    }
}

extension String {
    /// Percent-encoded for a form, everything but letters and digits.
    var formEncoded: String {
        self.utf8.map { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."):
                String(UnicodeScalar(byte))
            default:
                "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16)
            }
        }.joined()
    }
}

/// The code that a call fails with, or `nil` when it succeeds.
func errorCode(_ body: () throws(CloudError) -> Void) -> String? {
    do {
        try body()
        return nil
    } catch {
        return error.code
    }
}
