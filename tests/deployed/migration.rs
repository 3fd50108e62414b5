//! A migration of accounts into packs and back with the command, while people log in, the refresh runs and applications
//! read.

use std::io::Write as _;
use std::ops::Range;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Instant;

use evertoken_sandbox::{Account, Settings};
use evertoken_tests::aws_account::AwsAccount;
use evertoken_tests::migration;
use evertoken_tests::stack::NAME as STACK;
use fastrand::Rng;
use serde_json::json;
use time::format_description::well_known::Rfc3339;
use time::{Duration, OffsetDateTime};

const ACCOUNTS: usize = 16;

/// Instagram renews no token that is younger than a day.
const AGE: Duration = Duration::days(2);

/// What happens during the migration.
struct Meanwhile<'a> {
    owner: &'a AwsAccount,
    accounts: usize,
    is_over: AtomicBool,
    logins: AtomicUsize,
    renewals: AtomicUsize,
    reads: AtomicUsize,
}

/// The name of an account, and the username of its owner on Instagram.
fn name(number: usize) -> String {
    format!("shop-{number}")
}

/// The secret that an application reads.
fn secret(number: usize) -> String {
    format!("evertoken/accounts/{}", name(number))
}

fn instagram_account(number: usize) -> Account {
    let id = u64::try_from(number).unwrap();
    Account::new(name(number), 17_841_400_000_000_000 + id, 27_640_800_000_000_000 + id)
}

impl Meanwhile<'_> {
    fn goes_on(&self) -> bool {
        !self.is_over.load(Ordering::Relaxed)
    }

    /// The accounts whose owners revoke the app's access, which ends all their tokens, and log in again.
    fn reconnected(&self) -> Range<usize> {
        0..self.accounts / 3
    }

    /// The accounts that are refreshed and read.
    fn refreshed(&self) -> Range<usize> {
        self.accounts / 3..self.accounts
    }

    async fn log_in(&self) {
        let mut rng = Rng::with_seed(1);
        while self.goes_on() {
            let name = name(rng.usize(self.reconnected()));
            self.owner.instagram.revoke(&name).await;
            let page = self.owner.log_in(&self.owner.invite(STACK, &name).await, &name).await;
            assert_eq!((page.status, page.url.path()), (200, "/connected"), "{name}: {}", page.body);
            self.logins.fetch_add(1, Ordering::Relaxed);
        }
    }

    async fn refresh(&self) {
        let mut rng = Rng::with_seed(2);
        while self.goes_on() {
            let names: Vec<_> = (0..3).map(|_| name(rng.usize(self.refreshed()))).collect();
            let command = ["--json", "refresh", "--stack", STACK, "--force", "--remote"];
            let arguments: Vec<_> = command.into_iter().chain(names.iter().map(String::as_str)).collect();
            let report = self.owner.evertoken(&arguments).await.json();
            assert_eq!((&report["failed"], &report["login_required"]), (&json!(0), &json!(0)), "{report}");
            let refreshed = usize::try_from(report["refreshed"].as_u64().unwrap()).unwrap();
            self.renewals.fetch_add(refreshed, Ordering::Relaxed);
        }
    }

    /// An application reads with the command.
    async fn read(&self) {
        let mut rng = Rng::with_seed(3);
        while self.goes_on() {
            let name = name(rng.usize(self.refreshed()));
            let token = self.owner.evertoken_without_scan(&["token", "--stack", STACK, &name]).await.expect_code(0);
            assert!(token.stdout.starts_with("IGAA"), "{name}: {}", token.stderr);
            self.reads.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// An application that knows nothing of packs reads its secret.
    async fn read_secrets(&self) {
        let mut rng = Rng::with_seed(4);
        while self.goes_on() {
            let document = self.owner.document(&secret(rng.usize(0..self.accounts))).await;
            assert!(document["access_token"].as_str().unwrap().starts_with("IGAA"));
            self.reads.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Packs and unpacks all accounts, and returns how long each took.
    async fn migrate(&self) -> [std::time::Duration; 2] {
        let took = [self.move_all("pack", self.accounts).await, self.move_all("unpack", 0).await];
        self.is_over.store(true, Ordering::Relaxed);
        took
    }

    async fn move_all(&self, command: &str, packed: usize) -> std::time::Duration {
        let start = Instant::now();
        let report = self.owner.evertoken(&["--json", command, "--all", "--stack", STACK]).await.json();
        assert_eq!((&report["failures"], &report["left"]), (&json!([]), &json!(0)), "{report}");
        // A login or a refresh may have completed the move of an account.
        let number = |key: &str| usize::try_from(report[key].as_u64().unwrap()).unwrap();
        assert_eq!(number("moved") + number("already"), self.accounts, "{report}");
        let took = start.elapsed();
        let vault = self.owner.packed_vault(STACK).await;
        assert_eq!(Box::pin(vault.packed_names()).await.unwrap().0.len(), packed);
        took
    }
}

async fn import(owner: &AwsAccount, accounts: usize) {
    let issued = (OffsetDateTime::now_utc() - AGE).format(&Rfc3339).unwrap();
    let mut lines = vec!["name,access_token,issued_at".to_owned()];
    for name in (0..accounts).map(name) {
        let token = owner.instagram.token(&name, AGE).await;
        lines.push(format!("{name},{token},{issued}"));
    }
    let import = ["import", "--file", "-", "--stack", STACK];
    owner.evertoken_with_input(&import, &lines.join("\n")).await.expect_code(0);
}

#[tokio::test]
async fn accounts_move_into_packs_and_back_while_the_service_goes_on() {
    let accounts = migration::accounts(ACCOUNTS);
    let users = (0..accounts).map(instagram_account).collect();
    let owner = AwsAccount::with_sandbox(Settings { accounts: users, ..Settings::default() }).await;
    // Only the newest token of an account works, so that a lost one is noticed.
    owner.instagram.change_shapes(&json!({"refreshed_token": "new", "older_token": "dies"})).await;
    let package = owner.package().await;
    owner.deploy(&package, STACK, &[]).await;
    import(&owner, accounts).await;
    owner.deploy(&package, STACK, &[("Layout", "packed")]).await;

    let meanwhile = Meanwhile {
        owner: &owner,
        accounts,
        is_over: AtomicBool::default(),
        logins: AtomicUsize::default(),
        renewals: AtomicUsize::default(),
        reads: AtomicUsize::default(),
    };
    let ([packed, unpacked], ..) = tokio::join!(
        meanwhile.migrate(),
        meanwhile.log_in(),
        meanwhile.refresh(),
        meanwhile.read(),
        meanwhile.read_secrets(),
    );
    for number in 0..accounts {
        let document = owner.document(&secret(number)).await;
        assert_eq!(document.get("evertoken_moved_to"), None, "{number}");
        let answer = owner.instagram.me(document["access_token"].as_str().unwrap()).await;
        assert_eq!(answer.0, 200, "shop-{number} lost its token: {}", answer.1);
    }
    let [logins, renewals, reads] =
        [&meanwhile.logins, &meanwhile.renewals, &meanwhile.reads].map(|count| count.load(Ordering::Relaxed));
    assert!(logins > 0 && renewals > 0 && reads > 0, "{logins} logins, {renewals} renewals, {reads} reads");
    writeln!(
        std::io::stderr(),
        "{accounts} accounts: packed in {packed:.1?}, unpacked in {unpacked:.1?}, \
         {logins} logins, {renewals} renewals, {reads} reads"
    )
    .unwrap();
    owner.logs(STACK).await;
}
