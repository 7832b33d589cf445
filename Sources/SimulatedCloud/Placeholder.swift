import Hummingbird
enum SimulatedCloudPlaceholder {}
