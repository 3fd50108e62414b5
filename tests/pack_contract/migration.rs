//! A migration of many accounts into packs and back, while others log in, renew and read, on an AWS with stale reads.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write as _;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use aws_config::timeout::TimeoutConfig;
use evertoken_aws::SecretsManagerVault;
use evertoken_aws::settings::VaultSettings;
use evertoken_core::account::AccountName;
use evertoken_core::entropy::SystemEntropy;
use evertoken_core::secrets::AccessToken;
use evertoken_core::vault::{AccountStore, Page, Removal, VaultError};
use evertoken_packed_aws::{DynamoDbIndex, PacksInAws, SecretsManagerPacks};
use evertoken_packed_vault::{Access, LayeredVault, Moved, PackSettings, PackedVault};
use evertoken_tests::aws_limits::AwsLimits;
use evertoken_tests::aws_proxy::AwsProxy;
use evertoken_tests::fixed_clock::FixedClock;
use evertoken_tests::moto::Moto;
use evertoken_tests::{index_table, migration, sample};
use fastrand::Rng;
use futures_util::{StreamExt, TryStreamExt, stream};
use tokio::task::JoinSet;

use crate::emulated_aws::{at, settings};

const ACCOUNTS: usize = 60;

/// The emulator is slower than AWS.
const CONCURRENCY: usize = 32;

/// The same accounts, for several processes.
#[derive(Clone)]
struct Stack {
    config: aws_config::SdkConfig,
    settings: VaultSettings,
    table: String,
}

impl Stack {
    fn singles(&self) -> SecretsManagerVault {
        SecretsManagerVault::new(aws_sdk_secretsmanager::Client::new(&self.config), &self.settings)
    }

    /// The vault of a process.
    fn vault(&self, commit_window: Duration, access: Access) -> PacksInAws {
        let client = aws_sdk_secretsmanager::Client::new(&self.config);
        let packs = SecretsManagerPacks::new(client, &self.settings);
        let index = DynamoDbIndex::with_client(aws_sdk_dynamodb::Client::new(&self.config), &self.table);
        let settings = PackSettings { commit_window, access, ..PackSettings::default() };
        let clock = Arc::new(FixedClock(sample::ISSUED_AT));
        let packed = PackedVault::new(packs, index, clock, Arc::new(SystemEntropy), settings);
        LayeredVault::new(packed, self.singles().without_copies())
    }
}

/// What the processes have done meanwhile, and the token that each account has.
#[derive(Clone, Default)]
struct Meanwhile {
    is_over: Arc<AtomicBool>,
    tokens: Arc<Mutex<BTreeMap<AccountName, String>>>,
    writes: Arc<AtomicUsize>,
    reads: Arc<AtomicUsize>,
}

impl Meanwhile {
    fn goes_on(&self) -> bool {
        !self.is_over.load(Ordering::Relaxed)
    }
}

fn name(number: usize) -> AccountName {
    sample::name(&format!("shop-{number}"))
}

/// Renews tokens, or logs in. Each account has one such process, so the last token that it stores must remain.
async fn write(vault: PacksInAws, numbers: Vec<usize>, seed: u64, meanwhile: Meanwhile) {
    let mut rng = Rng::with_seed(seed);
    let mut written = 0;
    while meanwhile.goes_on() {
        let name = name(numbers[rng.usize(..numbers.len())]);
        let present = vault.get(&name).await.unwrap().unwrap_or_else(|| panic!("{name} cannot be read"));
        let mut next = present.document;
        next.access_token = AccessToken::new(format!("IGAA-{seed}-{written}"));
        match vault.replace(&present.version, &next).await {
            Ok(_) => {
                meanwhile.tokens.lock().unwrap().insert(name, next.access_token.expose().to_owned());
                meanwhile.writes.fetch_add(1, Ordering::Relaxed);
                written += 1;
            }
            // The account moves, or the read was stale.
            Err(VaultError::Conflict) => {}
            Err(error) => panic!("{name}: {error}"),
        }
    }
}

/// Reads accounts as the product does, one by one and in batches.
async fn read(vault: PacksInAws, accounts: usize, seed: u64, meanwhile: Meanwhile) {
    let mut rng = Rng::with_seed(seed);
    while meanwhile.goes_on() {
        let one = name(rng.usize(..accounts));
        assert!(vault.get(&one).await.unwrap().is_some(), "{one} cannot be read");
        let names: BTreeSet<_> = (0..5).map(|_| name(rng.usize(..accounts))).collect();
        let page = vault.get_many(&names.iter().cloned().collect::<Vec<_>>()).await.unwrap();
        assert_eq!((page.accounts.len(), page.unreadable), (names.len(), vec![]));
        meanwhile.reads.fetch_add(1 + names.len(), Ordering::Relaxed);
    }
}

/// Reads the secret of an account, as an application does that knows nothing of packs.
async fn read_secrets(singles: SecretsManagerVault, accounts: usize, seed: u64, meanwhile: Meanwhile) {
    let mut rng = Rng::with_seed(seed);
    while meanwhile.goes_on() {
        let name = name(rng.usize(..accounts));
        let read = singles.get(&name).await.unwrap().unwrap_or_else(|| panic!("{name} has no secret"));
        assert!(read.document.access_token.expose().starts_with("IGAA-"));
        meanwhile.reads.fetch_add(1, Ordering::Relaxed);
    }
}

async fn move_all<F>(accounts: usize, move_one: impl Fn(AccountName) -> F) -> usize
where
    F: Future<Output = Result<Moved, VaultError>>,
{
    let moves = stream::iter((0..accounts).map(name)).map(move_one).buffer_unordered(CONCURRENCY);
    moves.map(|moved| usize::from(moved.unwrap() == Moved::Now)).fold(0, async |sum, one| sum + one).await
}

async fn all(vault: &PacksInAws) -> BTreeMap<AccountName, String> {
    let pages: Vec<Page> = Box::pin(vault.list().try_collect()).await.unwrap();
    assert!(pages.iter().all(|page| page.unreadable.is_empty()));
    let accounts = pages.into_iter().flat_map(|page| page.accounts);
    accounts.map(|one| (one.document.name.clone(), one.document.access_token.expose().to_owned())).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn accounts_move_into_packs_and_back_while_logins_and_renewals_go_on() {
    let accounts = migration::accounts(ACCOUNTS);
    let proxy = AwsProxy::start().await;
    let patient = TimeoutConfig::builder().operation_timeout(Duration::from_mins(2)).build();
    let config = at(proxy.endpoint(), &Moto::shared().config()).to_builder().timeout_config(patient).build();
    let stack = Stack { table: index_table::create(&config).await, settings: settings(), config };
    let singles = stack.singles();
    let meanwhile = Meanwhile::default();
    let first: Vec<_> = (0..accounts).map(|number| sample::document(name(number).as_str())).collect();
    let created = stream::iter(&first).map(async |document| singles.create(document).await.unwrap());
    created.buffer_unordered(16).count().await;
    for document in first {
        meanwhile.tokens.lock().unwrap().insert(document.name, document.access_token.expose().to_owned());
    }
    // Without the quota of versions: these writers write more in a minute than others in a week.
    proxy.set_limits(AwsLimits { stale_reads: Some(7), ..AwsLimits::default() });

    let mut others = JoinSet::new();
    for (seed, writer) in [(1, 0), (2, 1)] {
        let numbers = (0..accounts).filter(|number| number % 2 == writer).collect();
        let vault = stack.vault(Duration::ZERO, Access::Write);
        others.spawn(write(vault, numbers, seed, meanwhile.clone()));
    }
    others.spawn(read(stack.vault(Duration::ZERO, Access::Read), accounts, 3, meanwhile.clone()));
    others.spawn(read_secrets(stack.singles(), accounts, 4, meanwhile.clone()));

    let mover = stack.vault(Duration::from_millis(200), Access::Write);
    let start = Instant::now();
    assert_eq!(
        move_all(accounts, |name| {
            let mover = mover.clone();
            async move { Box::pin(mover.pack(&name)).await }
        })
        .await,
        accounts
    );
    let packed = start.elapsed();
    // All secrets are labeled as copies.
    let listed = singles.listed_secrets().await.unwrap();
    assert_eq!(listed.iter().filter(|secret| secret.moved_to.is_some()).count(), accounts);
    assert_eq!(Box::pin(mover.packed_names()).await.unwrap().0.len(), accounts);
    let start = Instant::now();
    assert_eq!(
        move_all(accounts, |name| {
            let mover = mover.clone();
            async move { Box::pin(mover.unpack(&name)).await }
        })
        .await,
        accounts
    );
    let unpacked = start.elapsed();

    meanwhile.is_over.store(true, Ordering::Relaxed);
    while let Some(other) = others.join_next().await {
        other.unwrap();
    }
    proxy.set_limits(AwsLimits::default());
    let expected = meanwhile.tokens.lock().unwrap().clone();
    assert_eq!(Box::pin(all(&mover)).await, expected, "a token is lost");
    for (name, token) in expected {
        let single = singles.get(&name).await.unwrap().unwrap();
        assert_eq!((single.document.access_token.expose(), single.document.moved_to()), (token.as_str(), None));
    }
    assert_eq!(Box::pin(mover.packed_names()).await.unwrap(), (vec![], vec![]));
    let (reads, writes) = (meanwhile.reads.load(Ordering::Relaxed), meanwhile.writes.load(Ordering::Relaxed));
    assert!(reads > 0 && writes > 0);
    writeln!(
        std::io::stderr(),
        "{accounts} accounts: packed in {packed:.1?}, unpacked in {unpacked:.1?}, {reads} reads, {writes} writes"
    )
    .unwrap();
}

/// Lists leave out what is labeled as a copy, so nothing would renew its token otherwise.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_packed_account_that_is_restored_after_its_removal_is_listed() {
    let config = Moto::shared().config();
    let stack = Stack { table: index_table::create(&config).await, settings: settings(), config };
    let vault = stack.vault(Duration::ZERO, Access::Write);
    let account = sample::document("shop-de");
    stack.singles().create(&account).await.unwrap();
    assert_eq!(Box::pin(vault.pack(&account.name)).await, Ok(Moved::Now));
    Box::pin(vault.remove(&account.name, Removal::Recoverable)).await.unwrap();
    assert_eq!(Box::pin(all(&vault)).await, BTreeMap::new());
    let secret = format!("{}/accounts/{}", stack.settings.prefix(), account.name);
    Moto::shared().client().restore_secret().secret_id(secret).send().await.unwrap();
    assert_eq!(Box::pin(all(&vault)).await, [(account.name, "IGAA-first".to_owned())].into());
}
