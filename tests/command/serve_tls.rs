//! `evertoken serve` with TLS.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use evertoken_tests::serve_process::ServeProcess;
use evertoken_tests::{http, test_cli};
use tempfile::TempDir;
use url::Url;

/// Creates a client that trusts only this certificate.
fn trusting(pem: &Path) -> reqwest::Client {
    let certificate = reqwest::Certificate::from_pem(&fs::read(pem).unwrap()).unwrap();
    reqwest::Client::builder().tls_certs_only([certificate]).no_proxy().build().unwrap()
}

async fn status(client: &reqwest::Client, url: &Url) -> Result<u16, reqwest::Error> {
    Ok(client.get(url.join("/healthz").unwrap()).send().await?.status().as_u16())
}

#[tokio::test]
async fn serve_generates_one_self_signed_certificate_and_protects_its_key() {
    let dir = TempDir::new().unwrap();
    let local = dir.path().to_str().unwrap();
    let service = ServeProcess::start(&["--sandbox", "--tls", "--local", local], &[]).await;
    assert_eq!((service.url.scheme(), service.url.host_str()), ("https", Some("localhost")));
    let pem = dir.path().join("tls/localhost.pem");
    assert_eq!(fs::metadata(&pem).unwrap().permissions().mode() & 0o777, 0o600);
    // An idle connection does not block other clients.
    let _idle = tokio::net::TcpStream::connect(("127.0.0.1", service.url.port().unwrap())).await.unwrap();
    assert_eq!(status(&trusting(&pem), &service.url).await.unwrap(), 200);
    // A request without TLS fails.
    let plain: Url = format!("http://localhost:{}/", service.url.port().unwrap()).parse().unwrap();
    assert!(status(&http::client(), &plain).await.is_err());
    service.shut_down().await;

    let before = fs::read(&pem).unwrap();
    let service = ServeProcess::start(&["--sandbox", "--tls", "--local", local], &[]).await;
    assert_eq!((fs::read(&pem).unwrap(), status(&trusting(&pem), &service.url).await.unwrap()), (before, 200));
    service.shut_down().await;
}

#[tokio::test]
async fn serve_uses_a_certificate_from_files_and_reports_an_invalid_one() {
    let dir = TempDir::new().unwrap();
    let service = ServeProcess::start(&["--sandbox", "--tls", "--local", dir.path().to_str().unwrap()], &[]).await;
    service.shut_down().await;
    let pem = dir.path().join("tls/localhost.pem");
    let [cert, key] = ["fullchain.pem", "privkey.pem"].map(|name| dir.path().join(name));
    fs::copy(&pem, &cert).unwrap();
    fs::copy(&pem, &key).unwrap();
    let files = ["--sandbox", "--tls-cert", cert.to_str().unwrap(), "--tls-key", key.to_str().unwrap()];
    let service = ServeProcess::start(&files, &[]).await;
    assert_eq!(status(&trusting(&cert), &service.url).await.unwrap(), 200);
    service.shut_down().await;

    fs::write(&key, "-----BEGIN PRIVATE KEY-----\nhunter22\n").unwrap();
    let start = [&["serve", "--port", "0"], &files[..]].concat();
    let run = test_cli::run(&start, &[], "").await.expect_code(1);
    assert!(
        run.stderr.contains("the file contains no private key\nhint: ") && !run.stderr.contains("hunter22"),
        "{run:?}"
    );
    fs::remove_file(&key).unwrap();
    let run = test_cli::run(&start, &[], "").await.expect_code(1);
    assert!(run.stderr.contains("privkey.pem, the file of --tls-key (entity not found)"), "{run:?}");
    let run = test_cli::run(&start[..6], &[], "").await.expect_code(2);
    assert!(run.stderr.contains("--tls-key"), "{run:?}");
}
