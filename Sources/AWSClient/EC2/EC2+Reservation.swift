extension EC2 {
    /// The instances of one launch.
    public struct Reservation: Sendable, Hashable {
        /// The id of the launch.
        public var reservationID: String?
        /// Its instances; each knows the reservation's id.
        public var instances: [Instance] = []

        init(from xml: inout XMLReader) throws(XMLError) {
            try xml.forEachChild { (name, xml) throws(XMLError) in
                switch name {
                case "reservationId": self.reservationID = try xml.optionalText()
                case "instancesSet":
                    self.instances = try xml.items(Instance.init(from:))
                default: break
                }
            }
            for index in self.instances.indices {
                self.instances[index].reservationID = self.reservationID
            }
        }
    }
}
