"""Runs MiniStack, with versions of secrets that behave as in AWS. Compare-and-swap depends on them.

It differs from `python -m ministack.app`:
- The ID of a version is the request token that created it, also in a new secret.
- If a request token comes again, the same value changes nothing, and another value is rejected. MiniStack overwrites the
  version.
- A version without staging labels can be read by its ID. MiniStack deletes it.

Sources: AWS Secrets Manager API reference, `CreateSecret` and `PutSecretValue`, "ClientRequestToken"; AWS Secrets Manager
user guide, "Secrets Manager quotas" (100 versions, of which none younger than 24 hours is deleted).
"""

import json

from ministack import app
from ministack.core.responses import error_response_json, json_response
from ministack.services import secretsmanager

VALUE = ("SecretString", "SecretBinary")

create = secretsmanager._create_secret
put = secretsmanager._put_secret_value
promote = secretsmanager._apply_current_promotion


def create_with_token(request):
    status, headers, body = create(request)
    token = request.get("ClientRequestToken")
    if status != 200 or not token:
        return status, headers, body
    created = json.loads(body)
    versions = secretsmanager._secrets[request["Name"]]["Versions"]
    versions[token] = versions.pop(created["VersionId"])
    return json_response({**created, "VersionId": token})


def put_once(request):
    _, secret = secretsmanager._resolve(request.get("SecretId"))
    token = request.get("ClientRequestToken")
    if not secret or secret["DeletedDate"] or token not in secret["Versions"]:
        return put(request)
    version = secret["Versions"][token]
    if any(version[key] != request.get(key) for key in VALUE):
        return error_response_json(
            "ResourceExistsException", "You can't use ClientRequestToken again with another value.", 400
        )
    answer = {"ARN": secret["ARN"], "Name": secret["Name"], "VersionId": token, "VersionStages": version["Stages"]}
    return json_response(answer)


def promote_and_keep(secret, version):
    before = dict(secret["Versions"])
    promote(secret, version)
    secret["Versions"].update(before)


secretsmanager._create_secret = create_with_token
secretsmanager._put_secret_value = put_once
secretsmanager._apply_current_promotion = promote_and_keep
app.main()
