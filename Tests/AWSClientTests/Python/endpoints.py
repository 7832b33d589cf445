"""What botocore's rule sets say: all regions of all partitions, and the regions asked for, by all settings.

Question: {"service": "ec2", "regions": ["us-east-9"]}
Answer: [{"region", "useFIPS", "useDualStack", "useGlobalSTS", "url", "signingRegion"}]
"""

import itertools
import json
import sys

import botocore.loaders
from botocore.endpoint_provider import EndpointProvider

loader = botocore.loaders.create_loader()
partitions = loader.load_data("partitions")
known = [region for partition in partitions["partitions"] for region in partition["regions"]]

for line in sys.stdin:
    question = json.loads(line)
    service = question["service"]
    provider = EndpointProvider(loader.load_service_model(service, "endpoint-rule-set-1"), partitions)
    answer = []
    for region in known + question["regions"]:
        for fips, dual_stack, global_sts in itertools.product([False, True], repeat=3):
            if global_sts and service != "sts":
                continue
            parameters = {"Region": region, "UseFIPS": fips, "UseDualStack": dual_stack}
            if service == "sts":
                parameters["UseGlobalEndpoint"] = global_sts
            endpoint = provider.resolve_endpoint(**parameters)
            schemes = endpoint.properties.get("authSchemes", [{}])
            answer.append(
                {
                    "region": region,
                    "useFIPS": fips,
                    "useDualStack": dual_stack,
                    "useGlobalSTS": global_sts,
                    "url": endpoint.url,
                    "signingRegion": schemes[0].get("signingRegion", region),
                }
            )
    print(json.dumps(answer))
