"""The work of Evertoken's two Lambda functions, hand-written in Python with boto3 and requests.

It does less than Evertoken: no invites, no state check, no retries, no compare-and-swap, no events.
"""

import json
import os
from datetime import datetime, timedelta, timezone

import boto3
import requests

SECRETS = boto3.client("secretsmanager")
HTTP = requests.Session()
PREFIX = os.environ["EVERTOKEN_VAULT_PREFIX"]
TOKEN_URL = os.environ["EVERTOKEN_TOKEN_URL"]
GRAPH_URL = os.environ["EVERTOKEN_GRAPH_URL"]
REDIRECT_URI = os.environ["EVERTOKEN_PUBLIC_URL"] + "/callback"
APP = None


def app():
    global APP
    if APP is None:
        APP = read(os.environ["EVERTOKEN_APP_SECRET_NAME"])
    return APP


def read(secret):
    return json.loads(SECRETS.get_secret_value(SecretId=secret)["SecretString"])


def write(name, document):
    secret = f"{PREFIX}/accounts/{name}"
    try:
        SECRETS.put_secret_value(SecretId=secret, SecretString=json.dumps(document))
    except SECRETS.exceptions.ResourceNotFoundException:
        SECRETS.create_secret(Name=secret, SecretString=json.dumps(document))


def parse(response):
    response.raise_for_status()
    return response.json()


def profile(token):
    me = HTTP.get(
        f"{GRAPH_URL}/v26.0/me",
        params={"fields": "id,user_id,username,account_type"},
        headers={"Authorization": f"Bearer {token}"},
        timeout=10,
    )
    return parse(me)


def with_token(document, refreshed):
    now = datetime.now(timezone.utc)
    token = refreshed["access_token"]
    document["access_token"] = token
    document["issued_at"] = now.isoformat()
    document["expires_at"] = (now + timedelta(seconds=refreshed["expires_in"])).isoformat()
    document["username"] = profile(token)["username"]
    return document


def callback(event, context):
    code = event["queryStringParameters"]["code"]
    form = {
        "client_id": app()["app_id"],
        "client_secret": app()["app_secret"],
        "grant_type": "authorization_code",
        "redirect_uri": REDIRECT_URI,
        "code": code,
    }
    short = parse(HTTP.post(f"{TOKEN_URL}/oauth/access_token", data=form, timeout=10))
    query = {
        "grant_type": "ig_exchange_token",
        "client_secret": app()["app_secret"],
        "access_token": short["access_token"],
    }
    long = parse(HTTP.get(f"{GRAPH_URL}/access_token", params=query, timeout=10))
    write("shop-de", with_token({"schema": 1, "name": "shop-de"}, long))
    return {"statusCode": 303, "headers": {"location": "/connected"}}


def refresh(event, context):
    for name in event["accounts"]:
        document = read(f"{PREFIX}/accounts/{name}")
        query = {"grant_type": "ig_refresh_token", "access_token": document["access_token"]}
        refreshed = parse(HTTP.get(f"{GRAPH_URL}/refresh_access_token", params=query, timeout=10))
        write(name, with_token(document, refreshed))
    return {"refreshed": len(event["accounts"])}
