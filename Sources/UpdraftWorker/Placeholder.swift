import Configuration
import Yams
import Collections
enum UpdraftWorkerPlaceholder {}
