import AWSClient

extension AWSClient {
    /// Describes instances by id, at most 1,000; unknown ones are absent.
    ///
    /// By filter instead of by id: an unknown id is left out instead of failing the call, and the larger request bucket
    /// applies; a filter has at most 200 values (notes/aws.md §2).
    func describe(_ ids: [String], region: String) async throws(AWSError) -> [String: EC2.Instance] {
        var found: [String: EC2.Instance] = [:]
        for chunk in ids.chunks(ofCount: 200) {
            let filter = EC2.Filter(name: "instance-id", values: chunk)
            for instance in try await self.describe([filter], region: region) { found[instance.instanceID] = instance }
        }
        return found
    }

    /// Describes all instances that match, or more than `limit` as soon as there are more.
    ///
    /// - Parameter isWanted: which of the instances count.
    func describe(
        _ filters: [EC2.Filter],
        region: String,
        limit: Int = .max,
        where isWanted: (EC2.Instance) -> Bool = { _ in true }
    ) async throws(AWSError) -> [EC2.Instance] {
        var found: [EC2.Instance] = []
        let request = EC2.DescribeInstances(filters: filters, maxResults: 1000)
        for try await page in self.paginate(request, region: region) {
            found += page.instances.filter(isWanted)
            if found.count > limit { break }
        }
        return found
    }
}
