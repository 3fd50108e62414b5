//! The SDK's requests, sent over the process's own HTTP client.
//!
//! What the SDK documents for this: an `HttpClient` gives out an `HttpConnector` for each try, and the connector's error
//! says whether another try makes sense (AWS, "Configure the HTTP client", AWS SDK for Rust).

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

/// Connections that are kept between calls, one set for all of the SDK's clients.
#[derive(Clone, Debug)]
pub struct Connections(Client);

impl Connections {
    /// Over this client.
    pub fn new(client: Client) -> Self {
        Self(client)
    }
}

impl HttpClient for Connections {
    fn http_connector(&self, settings: &HttpConnectorSettings, _: &RuntimeComponents) -> SharedHttpConnector {
        // Set by whoever asks for credentials, an instance's metadata service say; our own calls are timed by the SDK.
        let answer_within = settings.read_timeout();
        SharedHttpConnector::new(Connector { client: self.0.clone(), answer_within })
    }

    fn connector_metadata(&self) -> Option<ConnectorMetadata> {
        Some(ConnectorMetadata::new("reqwest", None))
    }
}

#[derive(Debug)]
struct Connector {
    client: Client,
    answer_within: Option<Duration>,
}

impl HttpConnector for Connector {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let client = self.client.clone();
        let request = to_reqwest(request).map(|mut request| {
            *request.timeout_mut() = self.answer_within;
            request
        });
        HttpConnectorFuture::new(async move {
            let response = client.execute(request?).await.map_err(failed)?;
            let mut answer = http::Response::new(SdkBody::empty());
            *answer.status_mut() = response.status();
            *answer.headers_mut() = response.headers().clone();
            *answer.body_mut() = SdkBody::from(response.bytes().await.map_err(failed)?);
            HttpResponse::try_from(answer).map_err(|error| ConnectorError::other(error.into(), None))
        })
    }
}

/// All that we send is in memory: JSON of some kilobytes.
fn to_reqwest(request: HttpRequest) -> Result<reqwest::Request, ConnectorError> {
    let request = request.try_into_http1x().map_err(|error| ConnectorError::user(error.into()))?;
    let (head, body) = request.into_parts();
    let body = body.bytes().ok_or_else(|| ConnectorError::user("a request's body must be in memory".into()))?;
    let request = http::Request::from_parts(head, body.to_vec());
    reqwest::Request::try_from(request).map_err(|error| ConnectorError::user(error.without_url().into()))
}

/// What went wrong between two computers may go well the next time; what was wrong before anything was sent, never.
fn failed(error: reqwest::Error) -> ConnectorError {
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
    use tokio::net::TcpListener;

    use super::*;

    /// Asks a server that reads one request and writes this before it hangs up.
    async fn ask(answer: &'static str) -> Result<HttpResponse, ConnectorError> {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let asked = tokio::spawn(async move {
            let mut stream = listener.accept().await.unwrap().0;
            let mut request = vec![0; 4096];
            let length = stream.read(&mut request).await.unwrap();
            stream.write_all(answer.as_bytes()).await.unwrap();
            String::from_utf8_lossy(&request[..length]).into_owned()
        });
        let mut request = HttpRequest::new(SdkBody::from(r#"{"SecretId":"shop"}"#));
        request.set_method("POST").unwrap();
        request.set_uri(format!("http://{address}/")).unwrap();
        request.headers_mut().insert("x-amz-target", "secretsmanager.GetSecretValue");
        let answer = connector(None).call(request).await;
        let asked = asked.await.unwrap();
        assert!(asked.starts_with("POST / HTTP/1.1\r\n"), "{asked}");
        assert!(asked.contains("x-amz-target: secretsmanager.GetSecretValue\r\n"), "{asked}");
        assert!(asked.ends_with(r#"{"SecretId":"shop"}"#), "{asked}");
        answer
    }

    fn connector(answer_within: Option<Duration>) -> Connector {
        Connector { client: Client::builder().no_proxy().build().unwrap(), answer_within }
    }

    #[tokio::test]
    async fn request_and_answer_pass_as_they_are() {
        let answer = ask("HTTP/1.1 400 Bad Request\r\nx-amzn-requestid: r-1\r\ncontent-length: 2\r\n\r\n{}").await;
        let answer = answer.unwrap();
        assert_eq!(answer.status().as_u16(), 400);
        assert_eq!(answer.headers().get("x-amzn-requestid"), Some("r-1"));
        assert_eq!(answer.body().bytes(), Some(b"{}".as_slice()));
    }

    #[tokio::test]
    async fn what_was_lost_on_the_way_may_be_tried_again() {
        assert!(ask("").await.unwrap_err().is_io());
        assert!(ask("HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{}").await.unwrap_err().is_io());
    }

    #[tokio::test]
    async fn whoever_sets_a_limit_is_told_that_it_has_passed() {
        // Listens, and never accepts.
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let request = HttpRequest::get(format!("http://{}/", listener.local_addr().unwrap())).unwrap();
        let answer = connector(Some(Duration::from_millis(10))).call(request).await;
        assert!(answer.unwrap_err().is_timeout());
    }

    #[tokio::test]
    async fn an_error_does_not_say_what_was_asked() {
        // A port that nobody listens on any more.
        let address = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
        let request = HttpRequest::get(format!("http://{address}/?access_token=IGAA")).unwrap();
        let error = connector(None).call(request).await.unwrap_err();
        assert!(error.is_io() && !format!("{error:?}").contains("IGAA"), "{error:?}");
    }
}
