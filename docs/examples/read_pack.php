<?php
// Prints the access token of one account, from its pack or from its own secret. Requires PHP 8.2 with curl, and no SDK.
// The credentials are AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and, if they are temporary, AWS_SESSION_TOKEN.
// AWS_REGION=us-east-1 EVERTOKEN_INDEX_TABLE=TABLE php read_pack.php my-shop
declare(strict_types=1);

/** Calls AWS. Returns null if there is no such resource. */
function call_aws(string $service, string $operation, string $format, array $input): ?array
{
    $region = getenv('AWS_REGION');
    $headers = ["Content-Type: application/x-amz-json-$format", "X-Amz-Target: $operation"];
    if (getenv('AWS_SESSION_TOKEN')) {
        $headers[] = 'X-Amz-Security-Token: ' . getenv('AWS_SESSION_TOKEN');
    }
    $request = curl_init(getenv('AWS_ENDPOINT_URL') ?: "https://$service.$region.amazonaws.com/");
    curl_setopt_array($request, [
        CURLOPT_AWS_SIGV4 => "aws:amz:$region:$service",
        CURLOPT_USERPWD => getenv('AWS_ACCESS_KEY_ID') . ':' . getenv('AWS_SECRET_ACCESS_KEY'),
        CURLOPT_POSTFIELDS => json_encode($input),
        CURLOPT_HTTPHEADER => $headers,
        CURLOPT_RETURNTRANSFER => true,
        CURLOPT_TIMEOUT => 10,
    ]);
    $body = curl_exec($request);
    if ($body === false) {
        throw new RuntimeException(curl_error($request));
    }
    $answer = json_decode($body, true, flags: JSON_THROW_ON_ERROR);
    if (curl_getinfo($request, CURLINFO_RESPONSE_CODE) === 200) {
        return $answer;
    }
    $error = $answer['__type'] ?? 'an unknown error';
    if (str_ends_with($error, 'ResourceNotFoundException')) {
        return null;
    }
    throw new RuntimeException("$operation failed: $error");
}

function item(string $key): array
{
    $input = ['TableName' => getenv('EVERTOKEN_INDEX_TABLE'), 'Key' => ['key' => ['S' => $key]]];
    $answer = call_aws('dynamodb', 'DynamoDB_20120810.GetItem', '1.0', $input);
    return $answer === null ? throw new RuntimeException('there is no such table') : $answer['Item'] ?? [];
}

function secret(string $name): ?array
{
    $prefix = getenv('EVERTOKEN_VAULT_PREFIX') ?: 'evertoken';
    return call_aws('secretsmanager', 'secretsmanager.GetSecretValue', '1.1', ['SecretId' => "$prefix/$name"]);
}

function read_token(string $name): string
{
    // If the account moves to another secret in between, the next attempt finds it there.
    for ($attempt = 0; $attempt < 3; $attempt++) {
        $place = item("A#$name");
        if (!isset($place['pack']) || isset($place['removed_until'])) {
            break;
        }
        $pack = $place['pack']['S'];
        $state = item("P#$pack");
        if (array_filter($state['departures']['SS'] ?? [], fn ($departure) => str_starts_with($departure, "$name:"))) {
            break;
        }
        $secret = secret("packs/$pack/" . $state['generation']['N']);
        if ($secret) {
            $content = json_decode(gzdecode(base64_decode($secret['SecretBinary'])), true, flags: JSON_THROW_ON_ERROR);
            if (isset($content['accounts'][$name])) {
                return $content['accounts'][$name]['access_token'];
            }
        }
    }
    $secret = secret("accounts/$name") ?? throw new RuntimeException("there is no account $name");
    return json_decode($secret['SecretString'], true, flags: JSON_THROW_ON_ERROR)['access_token'];
}

echo read_token($argv[1]), "\n";
