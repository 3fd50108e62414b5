//! Sends the AWS SDK's requests through the process's own HTTP client.
//!
//! The SDK asks an `HttpClient` for an `HttpConnector` per attempt. The connector's error decides whether the SDK retries
//! (AWS SDK for Rust, "Configure the HTTP client").

use std::time::Duration;

use aws_smithy_runtime_api::client::connector_metadata::ConnectorMetadata;
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::body::SdkBody;
use reqwest::Client;

/// The connection pool that all of the SDK's clients share.
#[derive(Clone, Debug)]
pub struct Connections(Client);

impl Connections {
    /// The connections of this HTTP client.
    pub fn new(client: Client) -> Self {
        Self(client)
    }
}

impl HttpClient for Connections {
    fn http_connector(&self, settings: &HttpConnectorSettings, _: &RuntimeComponents) -> SharedHttpConnector {
        // Only the SDK's credential providers set it, for an instance's metadata service for example. The SDK itself
        // applies the timeouts of our own calls.
        let timeout = settings.read_timeout();
        SharedHttpConnector::new(Connector { client: self.0.clone(), timeout })
    }

    fn connector_metadata(&self) -> Option<ConnectorMetadata> {
        Some(ConnectorMetadata::new("reqwest", None))
    }
}

#[derive(Debug)]
struct Connector {
    client: Client,
    timeout: Option<Duration>,
}

impl HttpConnector for Connector {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let client = self.client.clone();
        let request = to_reqwest(request).map(|mut request| {
            *request.timeout_mut() = self.timeout;
            request
        });
        HttpConnectorFuture::new(async move {
            let response = client.execute(request?).await.map_err(to_connector_error)?;
            let mut converted = http::Response::new(SdkBody::empty());
            *converted.status_mut() = response.status();
            *converted.headers_mut() = response.headers().clone();
            *converted.body_mut() = SdkBody::from(response.bytes().await.map_err(to_connector_error)?);
            HttpResponse::try_from(converted).map_err(|error| ConnectorError::other(error.into(), None))
        })
    }
}

/// Request bodies are a few kilobytes of JSON, so they are never streamed.
fn to_reqwest(request: HttpRequest) -> Result<reqwest::Request, ConnectorError> {
    let request = request.try_into_http1x().map_err(|error| ConnectorError::user(error.into()))?;
    let (head, body) = request.into_parts();
    let body = body.bytes().ok_or_else(|| ConnectorError::user("streaming request bodies are not supported".into()))?;
    let request = http::Request::from_parts(head, body.to_vec());
    reqwest::Request::try_from(request).map_err(|error| ConnectorError::user(error.without_url().into()))
}

/// The SDK retries timeouts and I/O errors. It does not retry a request that could not be built.
fn to_connector_error(error: reqwest::Error) -> ConnectorError {
    let error = error.without_url();
    if error.is_timeout() {
        ConnectorError::timeout(error.into())
    } else if error.is_builder() {
        ConnectorError::user(error.into())
    } else {
        ConnectorError::io(error.into())
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::{TcpListener, TcpSocket};

    use super::*;

    /// Sends a request to a server that writes `response` and closes the connection. Checks what the server received.
    async fn send_to_server(response: &'static str) -> Result<HttpResponse, ConnectorError> {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let received = tokio::spawn(async move {
            let mut stream = listener.accept().await.unwrap().0;
            let mut request = vec![0; 4096];
            let length = stream.read(&mut request).await.unwrap();
            stream.write_all(response.as_bytes()).await.unwrap();
            String::from_utf8_lossy(&request[..length]).into_owned()
        });
        let mut request = HttpRequest::new(SdkBody::from(r#"{"SecretId":"shop"}"#));
        request.set_method("POST").unwrap();
        request.set_uri(format!("http://{address}/")).unwrap();
        request.headers_mut().insert("x-amz-target", "secretsmanager.GetSecretValue");
        let result = connector(None).call(request).await;
        let received = received.await.unwrap();
        assert!(received.starts_with("POST / HTTP/1.1\r\n"), "{received}");
        assert!(received.contains("x-amz-target: secretsmanager.GetSecretValue\r\n"), "{received}");
        assert!(received.ends_with(r#"{"SecretId":"shop"}"#), "{received}");
        result
    }

    fn connector(timeout: Option<Duration>) -> Connector {
        Connector { client: Client::builder().no_proxy().build().unwrap(), timeout }
    }

    #[tokio::test]
    async fn passes_requests_and_responses_through_unchanged() {
        let response = "HTTP/1.1 400 Bad Request\r\nx-amzn-requestid: r-1\r\ncontent-length: 2\r\n\r\n{}";
        let response = send_to_server(response).await.unwrap();
        assert_eq!(response.status().as_u16(), 400);
        assert_eq!(response.headers().get("x-amzn-requestid"), Some("r-1"));
        assert_eq!(response.body().bytes(), Some(b"{}".as_slice()));
    }

    #[tokio::test]
    async fn an_interrupted_response_is_a_retryable_io_error() {
        for response in ["", "HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{}"] {
            assert!(send_to_server(response).await.unwrap_err().is_io(), "{response:?}");
        }
    }

    #[tokio::test]
    async fn a_request_times_out_after_the_sdks_read_timeout() {
        // Listens and never accepts.
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let request = HttpRequest::get(format!("http://{}/", listener.local_addr().unwrap())).unwrap();
        let result = connector(Some(Duration::from_millis(10))).call(request).await;
        assert!(result.unwrap_err().is_timeout());
    }

    #[tokio::test]
    async fn an_error_does_not_contain_the_requests_url() {
        // Bound, so that nobody else gets the port, but not listening.
        let socket = TcpSocket::new_v4().unwrap();
        socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
        let address = socket.local_addr().unwrap();
        let request = HttpRequest::get(format!("http://{address}/?access_token=IGAA")).unwrap();
        let error = connector(None).call(request).await.unwrap_err();
        assert!(error.is_io() && !format!("{error:?}").contains("IGAA"), "{error:?}");
    }
}
