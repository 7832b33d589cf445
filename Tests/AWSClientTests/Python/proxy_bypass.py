"""Reads a line of JSON per case, [NO_PROXY, host], and says for each whether Python's urllib, and so botocore, goes
around the proxy."""

import json
import os
import sys
from urllib.request import getproxies_environment, proxy_bypass_environment

for line in sys.stdin:
    os.environ["NO_PROXY"], host = json.loads(line)
    print(json.dumps(bool(proxy_bypass_environment(host, getproxies_environment()))))
