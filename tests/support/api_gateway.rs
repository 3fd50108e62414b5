//! Converts between HTTP and Lambda events as an API Gateway HTTP API does (payload format 2.0).

use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use crate::http::{Request, Response};

/// Builds the Lambda event for a request. Each cookie has the form `name=value`.
pub fn event(request: &Request, cookies: &[String]) -> Value {
    let host = request.url.host_str().unwrap();
    // An HTTP API lower-cases header names and passes cookies separately.
    let mut headers: BTreeMap<String, String> =
        request.headers.iter().map(|(name, value)| (name.to_lowercase(), value.clone())).collect();
    headers.insert("host".to_owned(), host.to_owned());
    headers.insert("x-forwarded-proto".to_owned(), "https".to_owned());
    let query = request.url.query().unwrap_or_default();
    let mut event = json!({
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": request.url.path(),
        "rawQueryString": query,
        "headers": headers,
        "requestContext": {
            "accountId": "123456789012",
            "apiId": "abcdefghij",
            "domainName": host,
            "domainPrefix": "login",
            "http": {
                "method": request.method.as_str(),
                "path": request.url.path(),
                "protocol": "HTTP/1.1",
                "sourceIp": "192.0.2.1",
                "userAgent": "tests",
            },
            "requestId": "JKJaXmPLvHcESHA=",
            "routeKey": "$default",
            "stage": "$default",
            "time": "22/Nov/2026:05:00:00 +0000",
            "timeEpoch": 1_795_323_600_000_i64,
        },
        "isBase64Encoded": false,
    });
    // An HTTP API omits empty fields.
    if !query.is_empty() {
        event["queryStringParameters"] = json!(request.url.query_pairs().collect::<BTreeMap<_, _>>());
    }
    if !cookies.is_empty() {
        event["cookies"] = json!(cookies);
    }
    if !request.form.is_empty() {
        let form = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(&request.form).finish();
        event["headers"]["content-type"] = json!("application/x-www-form-urlencoded");
        event["body"] = json!(STANDARD.encode(form));
        event["isBase64Encoded"] = json!(true);
    }
    event
}

/// Converts a Lambda's result to the HTTP response that the API sends. Panics if the result is invalid, where the API would
/// respond with status 500.
pub fn response(request: &Request, result: &Value) -> Response {
    let status = result["statusCode"].as_u64().unwrap_or_else(|| panic!("not a response for an HTTP API: {result}"));
    let body = result["body"].as_str().unwrap_or_default();
    let body = if result["isBase64Encoded"] == true {
        String::from_utf8(STANDARD.decode(body).unwrap()).unwrap()
    } else {
        body.to_owned()
    };
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let headers = result["headers"].as_object().into_iter().flatten();
    let cookies = result["cookies"].as_array().into_iter().flatten();
    Response {
        url: request.url.clone(),
        status: u16::try_from(status).unwrap(),
        headers: headers.map(|(name, value)| (name.to_lowercase(), text(value))).collect(),
        cookies: cookies.map(text).collect(),
        body,
    }
}
