//! `evertoken import` and `evertoken refresh`, whatever Instagram does with tokens at a refresh.

use evertoken_tests::refresh_semantics::RefreshSemantics;
use evertoken_tests::test_cli::TestCli;
use evertoken_tests::test_refresh_semantics;
use time::Duration;

test_refresh_semantics!(import_and_refresh_store_the_token_that_works);

async fn import_and_refresh_store_the_token_that_works(semantics: RefreshSemantics) {
    let cli = TestCli::with_file_vault_and_sandbox(semantics.settings()).await;
    let imported = cli.instagram().token("blue_bottle", Duration::days(30)).await;
    cli.run_with_stdin(&["import", "imported"], &imported).await.expect_code(0);
    cli.add_account("due", Duration::days(21)).await;
    let due = cli.document("due").await.unwrap()["access_token"].as_str().unwrap().to_owned();
    cli.run(&["refresh", "--all"]).await.expect_code(0);
    for (name, older) in [("imported", imported), ("due", due)] {
        let document = cli.document(name).await.unwrap();
        let token = document["access_token"].as_str().unwrap();
        assert_eq!(token != older, semantics.replaces_token(), "{name}");
        assert_eq!(cli.instagram().me(token).await.0, 200, "{name}");
        assert_eq!(cli.instagram().me(&older).await.0 != 200, semantics.ends_older_token(), "{name}");
    }
}
