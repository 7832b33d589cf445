import AsyncHTTPClient
import Crypto
enum AWSClientPlaceholder {}
