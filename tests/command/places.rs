//! Which vault a command speaks to.

use evertoken_tests::command::{self, CommandHouse};
use evertoken_tests::moto::Moto;
use time::Duration;

#[tokio::test]
async fn an_account_is_listed_from_either_vault() {
    for house in CommandHouse::each().await {
        house.plant("my-shop", Duration::days(10)).await;
        let listed = house.run(&["--json", "list"]).await.expect(0).json();
        assert_eq!((&listed[0]["name"], &listed[0]["health"]), (&"my-shop".into(), &"healthy".into()));
    }
}

#[tokio::test]
async fn without_a_vault_the_error_says_how_one_is_named() {
    let run = command::run(&["list"], &[], "").await.expect(2);
    for way in ["--local DIR", "--stack NAME", "EVERTOKEN_VAULT_PREFIX"] {
        assert!(run.stderr.contains(way), "{run:?}");
    }
}

#[tokio::test]
async fn a_stack_that_is_not_there_is_named_with_its_remedy() {
    let aws = [
        ("AWS_ENDPOINT_URL", Moto::shared().endpoint()),
        ("AWS_REGION", "us-east-1"),
        ("AWS_ACCESS_KEY_ID", "test"),
        ("AWS_SECRET_ACCESS_KEY", "test"),
    ];
    let aws = aws.map(|(name, value)| (name.to_owned(), value.to_owned()));
    for (arguments, name) in [(vec!["list"], "evertoken"), (vec!["list", "--stack", "shop"], "shop")] {
        let run = command::run(&arguments, &aws, "").await.expect(1);
        assert!(run.stderr.contains(&format!("there is no stack {name} ")), "{run:?}");
        assert!(run.stderr.contains("--local DIR"), "{run:?}");
    }
}
