"""Prints the access token of one account, which the reader API returns to callers that IAM authorizes. Requires boto3.

EVERTOKEN_READER_URL=URL python3 read_account.py my-shop
"""

import json
import os
import sys
import urllib.request

import boto3
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest


def read_token(name):
    session = boto3.Session()
    request = AWSRequest("GET", f"{os.environ['EVERTOKEN_READER_URL']}/accounts/{name}/token")
    SigV4Auth(session.get_credentials(), "execute-api", session.region_name).add_auth(request)
    signed = urllib.request.Request(request.url, headers=dict(request.headers))
    with urllib.request.urlopen(signed, timeout=35) as response:
        return json.load(response)["access_token"]


if __name__ == "__main__":
    print(read_token(sys.argv[1]))
