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

token_in_pack() {
  local pack generation
  pack=$(item "A#$name" '.Item // {} | select(has("removed_until") | not) | .pack.S // empty')
  [ -n "$pack" ] || return
  generation=$(item "P#$pack" '.Item | select(any(.departures.SS[]?; startswith($name + ":")) | not) | .generation.N')
  [ -n "$generation" ] || return
  secret "packs/$pack/$generation" SecretBinary | base64 -d | gunzip \
    | jq -er --arg name "$name" '.accounts[$name].access_token // empty'
}

# If the account moves to another secret in between, the next attempt finds it there.
token_in_pack || token_in_pack || token_in_pack || secret "accounts/$name" SecretString | jq -er '.access_token'
