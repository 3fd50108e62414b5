//! Secrets and the command line, and what `--debug` tells.

use evertoken_tests::command::CommandHouse;
use time::Duration;

#[tokio::test]
async fn a_secret_on_the_command_line_is_refused_and_not_repeated() {
    let house = CommandHouse::with_files().await;
    let token = house.instagram().token("blue_bottle", Duration::days(30)).await;
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
        let run = house.run_unwatched(&arguments, "").await.expect(2);
        assert!(run.stderr.contains("is on the command line") && run.stderr.contains("standard input"), "{run:?}");
        house.leaks().logged("the refusal", &run.stderr);
        house.leaks().logged("the output", &run.stdout);
    }
}

#[tokio::test]
async fn debug_logs_tell_each_call_and_no_secret() {
    for house in CommandHouse::each().await {
        let house = house.with_variables(&[("EVERTOKEN_PUBLIC_URL", "http://127.0.0.1:9")]);
        let token = house.instagram().token("blue_bottle", Duration::days(30)).await;
        let run = house.run_with(&["--debug", "import", "my-shop"], &token).await.expect(0);
        assert!(run.stderr.contains("/refresh_access_token") && run.stderr.contains("status=200"), "{run:?}");
        house.run(&["--debug", "doctor"]).await;
        house.run(&["--debug", "debug", "my-shop"]).await.expect(0);
    }
}
