//! Secrets on the command line and in the output of `--debug`.

use evertoken_tests::test_cli::TestCli;
use time::Duration;

#[tokio::test]
async fn a_secret_on_the_command_line_is_rejected_and_not_echoed() {
    let cli = TestCli::with_file_vault().await;
    let token = cli.instagram().token("blue_bottle", Duration::days(30)).await;
    let app_secret = "0123456789abcdef0123456789abcdef";
    let with_equals = format!("--token={token}");
    for arguments in [
        vec!["import", &token],
        vec!["import", "my-shop", &token],
        vec!["debug", &token],
        vec!["import", "my-shop", &with_equals],
        vec!["setup", app_secret],
        vec!["list", "--stack", app_secret],
    ] {
        let run = cli.run_without_scan(&arguments, "").await.expect_code(2);
        assert!(run.stderr.contains("is on the command line") && run.stderr.contains("standard input"), "{run:?}");
        cli.scanner().record_log("the refusal", &run.stderr);
        cli.scanner().record_log("the output", &run.stdout);
    }
}

#[tokio::test]
async fn debug_logs_show_each_request_and_no_secret() {
    for cli in TestCli::for_each_vault().await {
        let cli = cli.with_variables(&[("EVERTOKEN_PUBLIC_URL", "http://127.0.0.1:9")]);
        let token = cli.instagram().token("blue_bottle", Duration::days(30)).await;
        let run = cli.run_with_stdin(&["--debug", "import", "my-shop"], &token).await.expect_code(0);
        assert!(run.stderr.contains("/refresh_access_token") && run.stderr.contains("status=200"), "{run:?}");
        cli.run(&["--debug", "doctor"]).await;
        cli.run(&["--debug", "debug", "my-shop"]).await.expect_code(0);
    }
}
