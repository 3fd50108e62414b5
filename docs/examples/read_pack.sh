#!/usr/bin/env bash
# Prints the access token of one account, from its pack or from its own secret. Requires the AWS CLI and jq.
# EVERTOKEN_INDEX_TABLE=TABLE read_pack.sh my-shop
set -euo pipefail
name=$1
table=$EVERTOKEN_INDEX_TABLE
prefix=${EVERTOKEN_VAULT_PREFIX:-evertoken}

item() {
  aws dynamodb get-item --table-name "$table" --key "{\"key\": {\"S\": \"$1\"}}" --output json \
    | jq -r --arg name "$name" "$2"
}

secret() {
  aws secretsmanager get-secret-value --secret-id "$prefix/$1" --query "$2" --output text
}

# Returns 1 if the account is in no pack, 2 if its pack cannot be read, and 3 if the pack has no token of it.
token_in_pack() {
  local pack generation accounts
  pack=$(item "A#$name" '.Item // {} | select(has("removed_until") | not) | .pack.S // empty') || exit 1
  [ -n "$pack" ] || return 1
  generation=$(item "P#$pack" '.Item | select(any(.departures.SS[]?; startswith($name + ":")) | not) | .generation.N') \
    || exit 1
  [ -n "$generation" ] || return 1
  accounts=$(secret "packs/$pack/$generation" SecretBinary | base64 -d | gunzip) || return 2
  jq -er --arg name "$name" '.accounts[$name].access_token // empty' <<< "$accounts" || return 3
}

# If the account moves to another secret in between, the next attempt finds it there.
for _ in 1 2 3; do
  token_in_pack && exit
  status=$?
  [ $status -ne 1 ] || break
done
if [ $status -eq 2 ]; then
  echo "the pack of $name cannot be read" >&2
  exit 1
fi
secret "accounts/$name" SecretString | jq -er '.access_token'
