"""Prints the access token of one account, from its pack or from its own secret. Requires boto3.

EVERTOKEN_INDEX_TABLE=TABLE python3 read_pack.py my-shop
"""

import gzip
import json
import os
import sys

import boto3

PREFIX = os.environ.get("EVERTOKEN_VAULT_PREFIX", "evertoken")

index = boto3.resource("dynamodb").Table(os.environ["EVERTOKEN_INDEX_TABLE"])
secrets = boto3.client("secretsmanager")


def item(key):
    return index.get_item(Key={"key": key}).get("Item", {})


def read_token(name):
    # If the account moves to another secret in between, the next attempt finds it there.
    for _ in range(3):
        place = item(f"A#{name}")
        if "pack" not in place or "removed_until" in place:
            break
        state = item(f"P#{place['pack']}")
        if any(departure.startswith(f"{name}:") for departure in state.get("departures", ())):
            break
        try:
            secret = secrets.get_secret_value(SecretId=f"{PREFIX}/packs/{place['pack']}/{state['generation']}")
        except secrets.exceptions.ResourceNotFoundException:
            continue
        account = json.loads(gzip.decompress(secret["SecretBinary"]))["accounts"].get(name)
        if account:
            return account["access_token"]
    secret = secrets.get_secret_value(SecretId=f"{PREFIX}/accounts/{name}")
    return json.loads(secret["SecretString"])["access_token"]


if __name__ == "__main__":
    print(read_token(sys.argv[1]))
