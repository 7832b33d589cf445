import AWSClient

extension AWSClient {
    /// Describes instances by filter, at most 200 ids; unknown ones are absent (notes/aws.md §2).
    func describe(_ ids: [String], region: String) async throws(AWSError) -> [EC2.Instance] {
        try await self.describe([EC2.Filter(name: "instance-id", values: ids)], region: region)
    }

    /// Describes all instances that match, or more than `limit` as soon as there are more.
    func describe(
        _ filters: [EC2.Filter],
        region: String,
        limit: Int = .max
    ) async throws(AWSError) -> [EC2.Instance] {
        var found: [EC2.Instance] = []
        let request = EC2.DescribeInstances(filters: filters, maxResults: 1000)
        for try await page in self.paginate(request, region: region) {
            found += page.instances
            if found.count > limit { break }
        }
        return found
    }
}
