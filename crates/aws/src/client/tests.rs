//! Clients against servers that hang, redirect or reject. The clock is paused, so no test waits for a timeout.

use std::io::{ErrorKind, Write};
use std::net::{SocketAddr, TcpListener};

use aws_config::Region;
use aws_credential_types::Credentials;
use evertoken_core::document::Placement;
use evertoken_core::events::{Event, EventKind, Events};
use evertoken_https::{RedirectTarget, read_request};
use time::macros::datetime;
use tokio::time::{Instant, timeout};

use super::*;
use crate::error_code::AwsErrorCode;

/// Longer than any timeout. It passes at once on the paused clock.
const FOREVER: Duration = Duration::from_hours(24);

fn listener() -> (TcpListener, SocketAddr) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    (listener, address)
}

/// Serves one request with this response.
fn serve_once(response: String) -> SocketAddr {
    let (listener, address) = listener();
    std::thread::spawn(move || {
        let mut stream = listener.accept().unwrap().0;
        read_request(&mut stream).unwrap();
        stream.write_all(response.as_bytes()).unwrap();
    });
    address
}

/// How many connections were opened. Each attempt that ends in a timeout has its own.
fn connections(hanging: &TcpListener) -> usize {
    hanging.set_nonblocking(true).unwrap();
    let mut count = 0;
    loop {
        match hanging.accept() {
            Ok(_) => count += 1,
            Err(error) if error.kind() == ErrorKind::WouldBlock => return count,
            Err(error) => panic!("{error}"),
        }
    }
}

async fn aws(address: SocketAddr) -> Aws {
    let loader = config_loader(&Tls::with_system_roots()).unwrap().region(Region::from_static("us-east-1"));
    let credentials = Credentials::new("test", "test", Some("session".to_owned()), None, "tests");
    Aws(loader.credentials_provider(credentials).endpoint_url(format!("http://{address}")).load().await)
}

fn event() -> Event {
    Event {
        kind: EventKind::LoginRequired,
        at: datetime!(2026-11-22 05:00 UTC),
        name: "shop-de".to_owned(),
        account_id: "1".to_owned(),
        username: "shop".to_owned(),
        expires_at: None,
        health: None,
        reason: None,
        pack: None,
        provider: None,
        placement: Placement::Anywhere,
        reconnect_url: None,
        reference: "r".to_owned(),
    }
}

#[tokio::test(start_paused = true)]
async fn a_call_to_secrets_manager_that_hangs_ends_after_three_attempts_in_twelve_seconds() {
    // Connections are accepted by the operating system, and nobody answers.
    let (hanging, address) = listener();
    let client = aws(address).await.secrets_manager();
    let start = Instant::now();
    let call = timeout(FOREVER, client.get_secret_value().secret_id("shop").send());
    let error = call.await.expect("the call has no timeout").unwrap_err();
    assert_eq!(AwsErrorCode::from(error).code(), "timeout");
    assert_eq!(start.elapsed().as_secs(), 12);
    assert_eq!(connections(&hanging), 3);
}

#[tokio::test(start_paused = true)]
async fn a_call_to_the_event_bus_that_hangs_ends_after_two_attempts_within_five_seconds() {
    let (hanging, address) = listener();
    let bus = aws(address).await.event_bus("default");
    let start = Instant::now();
    let error = timeout(FOREVER, bus.send(event())).await.expect("the call has no timeout").unwrap_err();
    assert_eq!(error.code, "timeout");
    assert!(start.elapsed() <= Duration::from_secs(5), "{:?}", start.elapsed());
    assert_eq!(connections(&hanging), 2);
}

#[tokio::test]
async fn a_client_uses_its_own_timeouts_and_retries() {
    let (_unused, address) = listener();
    let aws = aws(address).await;
    let config = aws.config();
    let timeouts = config.timeout_config().unwrap();
    assert_eq!(timeouts.connect_timeout(), Some(Duration::from_secs(2)));
    assert_eq!(timeouts.operation_attempt_timeout(), Some(Duration::from_secs(4)));
    assert_eq!(timeouts.operation_timeout(), Some(Duration::from_secs(12)));
    let retries = config.retry_config().unwrap();
    assert_eq!(retries, &RetryConfig::standard().with_max_attempts(4));
}

#[tokio::test]
async fn a_signed_request_never_follows_a_redirect() {
    for status in ["302 Found", "307 Temporary Redirect", "308 Permanent Redirect"] {
        let target = RedirectTarget::start().unwrap();
        let address = serve_once(format!(
            "HTTP/1.1 {status}\r\nlocation: http://{}/\r\ncontent-length: 0\r\n\r\n",
            target.address
        ));
        let put = aws(address).await.secrets_manager().put_secret_value().secret_id("shop");
        put.secret_string("IGAA").send().await.unwrap_err();
        assert!(!target.was_contacted(), "the client followed {status}");
    }
}

/// AWS, `PutEvents`: a response with status 200 can contain entries that failed.
#[tokio::test]
async fn an_entry_that_the_event_bus_rejects_is_an_error() {
    let rejected = r#"{"FailedEntryCount":1,"Entries":[{"ErrorCode":"InternalFailure","ErrorMessage":"no"}]}"#;
    let accepted = r#"{"FailedEntryCount":0,"Entries":[{"EventId":"e-1"}]}"#;
    for (body, expected) in [(rejected, Err("InternalFailure")), (accepted, Ok(()))] {
        let length = body.len();
        let head = format!("HTTP/1.1 200 OK\r\ncontent-type: application/x-amz-json-1.1\r\ncontent-length: {length}");
        let bus = aws(serve_once(format!("{head}\r\n\r\n{body}"))).await.event_bus("default");
        assert_eq!(bus.send(event()).await.map_err(|error| error.code), expected.map_err(str::to_owned));
    }
}
