// A minimal Lambda runtime for Node: polls the Runtime API with fetch instead of AWS's native client.
// Usage: node bootstrap.mjs HANDLER

const api = `http://${process.env.AWS_LAMBDA_RUNTIME_API}/2018-06-01/runtime/invocation`;
const handler = (await import("./handlers.mjs"))[process.argv[2]];

for (;;) {
  const next = await fetch(`${api}/next`);
  const id = next.headers.get("lambda-runtime-aws-request-id");
  const event = await next.json();
  const [path, body] = await handler(event).then(
    (result) => ["response", result],
    (error) => ["error", { errorType: error.name, errorMessage: error.message }],
  );
  await fetch(`${api}/${id}/${path}`, { method: "POST", body: JSON.stringify(body) });
}
