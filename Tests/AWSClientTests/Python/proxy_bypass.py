"""Says for [[NO_PROXY, host], …] on standard input which hosts Python's urllib, and so botocore, reaches directly."""

import json
import sys
from urllib.request import getproxies_environment, proxy_bypass_environment
from unittest.mock import patch

answers = []
for excluded, host in json.load(sys.stdin):
    with patch.dict("os.environ", {"NO_PROXY": excluded}, clear=True):
        answers.append(bool(proxy_bypass_environment(host, getproxies_environment())))
json.dump(answers, sys.stdout)
