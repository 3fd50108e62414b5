// Prints the access token of one account, from its pack or from its own secret. Requires @aws-sdk/client-dynamodb and
// @aws-sdk/client-secrets-manager.
// EVERTOKEN_INDEX_TABLE=TABLE node read_pack.mjs my-shop

import { gunzipSync } from "node:zlib";

import { DynamoDBClient, GetItemCommand } from "@aws-sdk/client-dynamodb";
import {
  GetSecretValueCommand,
  ResourceNotFoundException,
  SecretsManagerClient,
} from "@aws-sdk/client-secrets-manager";

const prefix = process.env.EVERTOKEN_VAULT_PREFIX ?? "evertoken";
const index = new DynamoDBClient();
const secrets = new SecretsManagerClient();

async function item(key) {
  const command = new GetItemCommand({ TableName: process.env.EVERTOKEN_INDEX_TABLE, Key: { key: { S: key } } });
  return (await index.send(command)).Item ?? {};
}

function secret(name) {
  return secrets.send(new GetSecretValueCommand({ SecretId: `${prefix}/${name}` }));
}

export async function readToken(name) {
  // If the account moves to another secret in between, the next attempt finds it there.
  for (let attempt = 0; attempt < 3; attempt++) {
    const { pack, removed_until: removedUntil } = await item(`A#${name}`);
    if (!pack || removedUntil) break;
    const { generation, departures } = await item(`P#${pack.S}`);
    if (departures?.SS.some((departure) => departure.startsWith(`${name}:`))) break;
    try {
      const { SecretBinary } = await secret(`packs/${pack.S}/${generation.N}`);
      const account = JSON.parse(gunzipSync(SecretBinary)).accounts[name];
      if (account) return account.access_token;
    } catch (error) {
      if (!(error instanceof ResourceNotFoundException)) throw error;
    }
  }
  return JSON.parse((await secret(`accounts/${name}`)).SecretString).access_token;
}

console.log(await readToken(process.argv[2]));
