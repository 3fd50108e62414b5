// The work of Evertoken's two Lambda functions, hand-written in Node with the AWS SDK and fetch.
//
// It does less than Evertoken: no invites, no state check, no retries, no compare-and-swap, no events.

import {
  CreateSecretCommand, GetSecretValueCommand, PutSecretValueCommand, ResourceNotFoundException, SecretsManagerClient,
} from "@aws-sdk/client-secrets-manager";

const secrets = new SecretsManagerClient();
const {
  EVERTOKEN_VAULT_PREFIX: prefix, EVERTOKEN_TOKEN_URL: tokenUrl, EVERTOKEN_GRAPH_URL: graphUrl,
  EVERTOKEN_PUBLIC_URL: publicUrl, EVERTOKEN_APP_SECRET_NAME: appSecret,
} = process.env;
let cachedApp;

const app = async () => (cachedApp ??= await read(appSecret));

async function read(secret) {
  const response = await secrets.send(new GetSecretValueCommand({ SecretId: secret }));
  return JSON.parse(response.SecretString);
}

async function write(name, document) {
  const secret = `${prefix}/accounts/${name}`;
  const SecretString = JSON.stringify(document);
  try {
    await secrets.send(new PutSecretValueCommand({ SecretId: secret, SecretString }));
  } catch (error) {
    if (!(error instanceof ResourceNotFoundException)) throw error;
    await secrets.send(new CreateSecretCommand({ Name: secret, SecretString }));
  }
}

async function fetchJson(url, options) {
  const response = await fetch(url, options);
  if (!response.ok) throw new Error(`Instagram responded with status ${response.status}`);
  return response.json();
}

async function withToken(document, refreshed) {
  const token = refreshed.access_token;
  const me = await fetchJson(`${graphUrl}/v26.0/me?fields=id,user_id,username,account_type`, {
    headers: { authorization: `Bearer ${token}` },
  });
  return {
    ...document,
    access_token: token,
    username: me.username,
    issued_at: new Date().toISOString(),
    expires_at: new Date(Date.now() + refreshed.expires_in * 1000).toISOString(),
  };
}

export async function callback(event) {
  const { app_id, app_secret } = await app();
  const short = await fetchJson(`${tokenUrl}/oauth/access_token`, {
    method: "POST",
    body: new URLSearchParams({
      client_id: app_id,
      client_secret: app_secret,
      grant_type: "authorization_code",
      redirect_uri: `${publicUrl}/callback`,
      code: event.queryStringParameters.code,
    }),
  });
  const query = new URLSearchParams({
    grant_type: "ig_exchange_token",
    client_secret: app_secret,
    access_token: short.access_token,
  });
  const long = await fetchJson(`${graphUrl}/access_token?${query}`);
  await write("shop-de", await withToken({ schema: 1, name: "shop-de" }, long));
  return { statusCode: 303, headers: { location: "/connected" } };
}

export async function refresh(event) {
  for (const name of event.accounts) {
    const document = await read(`${prefix}/accounts/${name}`);
    const query = new URLSearchParams({ grant_type: "ig_refresh_token", access_token: document.access_token });
    const refreshed = await fetchJson(`${graphUrl}/refresh_access_token?${query}`);
    await write(name, await withToken(document, refreshed));
  }
  return { refreshed: event.accounts.length };
}
