//! The command of `evertoken serve --on-renewed`, which receives each new token.

use std::fs;

use evertoken_tests::serve_process::ServeProcess;
use evertoken_tests::test_cli::{self, TestCli};
use evertoken_tests::wait;
use tempfile::TempDir;
use time::Duration;
use tokio::net::TcpStream;

/// Starts a service over the vault with a command, in whose text `DIR` is a folder for its output.
async fn start(cli: &TestCli, command: &str) -> (ServeProcess, TempDir) {
    let output = TempDir::new().unwrap();
    let command = command.replace("DIR", output.path().to_str().unwrap());
    let arguments = ["--local", cli.dir().to_str().unwrap(), "--on-renewed", &command];
    (ServeProcess::start(&arguments, &cli.service_environment(&[])).await, output)
}

/// Waits until the service has logged this.
async fn wait_for_log(service: &ServeProcess, text: &str) {
    wait::until(text, || service.stderr().contains(text).then_some(())).await;
}

async fn stop(cli: &TestCli, service: ServeProcess) -> String {
    let service = service.shut_down().await;
    cli.scanner().record_log("the standard output of the service", &service.stdout());
    cli.scanner().record_log("the standard error of the service", &service.stderr());
    service.stderr()
}

#[tokio::test]
async fn the_command_receives_the_renewed_token_and_the_account_but_no_secret_of_the_service() {
    let cli = TestCli::with_file_vault().await;
    cli.add_account("shop-de", Duration::days(30)).await;
    cli.add_account("shop-fr", Duration::days(1)).await;
    // What the command prints must not reach the log.
    let command = "env > DIR/$EVERTOKEN_ACCOUNT.env; tee DIR/$EVERTOKEN_ACCOUNT.token | tee /dev/stderr";
    let (service, output) = start(&cli, command).await;
    wait_for_log(&service, "passed the new token to the --on-renewed command").await;

    let document = cli.document("shop-de").await.unwrap();
    let read = |file: &str| fs::read_to_string(output.path().join(file)).unwrap();
    assert_eq!(read("shop-de.token"), format!("{}\n", document["access_token"].as_str().unwrap()));
    let variables = read("shop-de.env");
    let mut own: Vec<_> = variables.lines().filter(|line| line.starts_with("EVERTOKEN_")).collect();
    own.sort_unstable();
    let text = |key: &str| document[key].as_str().unwrap();
    let expected = [
        "EVERTOKEN_ACCOUNT=shop-de".to_owned(),
        format!("EVERTOKEN_ACCOUNT_ID={}", text("account_id")),
        format!("EVERTOKEN_EXPIRES_AT={}", text("expires_at")),
        format!("EVERTOKEN_USERNAME={}", text("username")),
    ];
    assert_eq!(own, expected);
    assert!(!output.path().join("shop-fr.token").exists(), "shop-fr was not renewed");
    stop(&cli, service).await;
}

#[tokio::test]
async fn a_command_that_fails_runs_twice_more_and_keeps_no_account_from_its_token() {
    let cli = TestCli::with_file_vault().await;
    for name in ["shop-de", "shop-fr"] {
        cli.add_account(name, Duration::days(30)).await;
    }
    let command = "echo run >> DIR/$EVERTOKEN_ACCOUNT; test $EVERTOKEN_ACCOUNT = shop-fr";
    let (service, output) = start(&cli, command).await;
    wait_for_log(&service, "the --on-renewed command failed (exit status: 1)").await;
    wait_for_log(&service, "passed the new token to the --on-renewed command").await;
    let runs = |name| fs::read_to_string(output.path().join(name)).unwrap().lines().count();
    assert_eq!((runs("shop-de"), runs("shop-fr")), (3, 1));
    stop(&cli, service).await;
}

#[tokio::test]
async fn a_command_that_does_not_exist_or_reads_no_input_does_no_harm() {
    let cli = TestCli::with_file_vault().await;
    cli.add_account("shop-de", Duration::days(30)).await;
    let (service, _output) = start(&cli, "/no/such/command").await;
    wait_for_log(&service, "the --on-renewed command failed (exit status: 127)").await;
    stop(&cli, service).await;

    cli.add_account("shop-de", Duration::days(30)).await;
    let (service, _output) = start(&cli, "exec <&-; exit 0").await;
    wait_for_log(&service, "passed the new token to the --on-renewed command").await;
    stop(&cli, service).await;
}

#[tokio::test]
async fn a_shutdown_waits_for_the_command() {
    let cli = TestCli::with_file_vault().await;
    cli.add_account("shop-de", Duration::days(30)).await;
    let command = "touch DIR/started; while test ! -e DIR/go; do sleep 0.1; done; cat > DIR/token";
    let (service, output) = start(&cli, command).await;
    wait::until("the command", || output.path().join("started").exists().then_some(())).await;
    let address = (service.url.host_str().unwrap().to_owned(), service.url.port().unwrap());
    let (log, ()) = tokio::join!(stop(&cli, service), async {
        while TcpStream::connect((address.0.as_str(), address.1)).await.is_ok() {
            wait::briefly().await;
        }
        // The shutdown has begun, and the command is still running.
        fs::write(output.path().join("go"), "").unwrap();
    });
    assert!(log.contains("passed the new token"), "{log}");
    assert!(!fs::read_to_string(output.path().join("token")).unwrap().is_empty());
}

#[tokio::test]
async fn a_missing_or_empty_command_is_refused() {
    for (arguments, error) in [
        (&["serve", "--on-renewed"][..], "a value is required for '--on-renewed <CMD>'"),
        (&["serve", "--on-renewed", ""], "a value is required for '--on-renewed <CMD>'"),
    ] {
        let run = test_cli::run(arguments, &[], "").await.expect_code(2);
        assert!(run.stderr.contains(error), "{}", run.stderr);
    }
}
