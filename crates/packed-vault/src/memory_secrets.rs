//! A model of Secrets Manager for tests and simulations.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use evertoken_core::document::VersionId;
use evertoken_core::vault::VaultError;
use fastrand::Rng;
use tokio::time::Instant;

use crate::ids::{PackId, PackSecret};
use crate::pack_secrets::{
    CreateError, PackDeletion, PackSecrets, PackValue, PutError, SecretPage, StoredPack, VERSIONS_USED_UP,
};
use crate::process::{Process, throttled};
use crate::request_token::RequestToken;

/// The most versions of a secret (AWS, "Secrets Manager quotas").
const MOST_VERSIONS: usize = 100;

/// AWS deletes no version that is younger (AWS, "Secrets Manager quotas").
const YOUNG: Duration = Duration::from_hours(24);

/// The largest value (AWS, "Secrets Manager quotas").
const LARGEST_VALUE: usize = 65_536;

/// Secrets in memory, with the properties of Secrets Manager that a vault relies on or suffers from: request tokens, staging
/// labels, the quotas of versions and size, stale reads, and deletion with or without a recovery window. Clones share the
/// secrets.
#[derive(Clone, Debug, Default)]
pub struct MemorySecrets {
    state: Arc<Mutex<State>>,
    process: Process,
}

#[derive(Clone, Debug, Default)]
struct State {
    secrets: BTreeMap<PackSecret, Secret>,
    stale: Option<(Rng, u32)>,
    created: u64,
    kept: Kept,
    most_in_a_day: usize,
    /// Every value that was ever stored, in order.
    log: Vec<(PackSecret, PackValue)>,
}

/// The values that are kept in memory.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Kept {
    /// Those of all versions, and the log.
    #[default]
    All,
    /// Those of the two newest versions of each secret.
    Newest,
}

#[derive(Clone, Debug)]
struct Secret {
    /// From the oldest to the newest.
    versions: Vec<Version>,
    current: VersionId,
    is_deleted: bool,
}

#[derive(Clone, Debug)]
struct Version {
    id: VersionId,
    /// `None` if the value was dropped to save memory.
    value: Option<PackValue>,
    written_at: Instant,
}

impl MemorySecrets {
    /// Secrets for simulations with many packs. They keep the values of the two newest versions only, and no log.
    pub fn with_newest_values() -> Self {
        let state = State { kept: Kept::Newest, ..State::default() };
        Self { state: Arc::new(Mutex::new(state)), process: Process::default() }
    }

    /// The most versions of one secret that were written within 24 hours.
    pub fn most_versions_in_a_day(&self) -> usize {
        self.state().most_in_a_day
    }

    /// The number of secrets that are not deleted.
    pub fn len(&self) -> usize {
        self.state().secrets.values().filter(|secret| !secret.is_deleted).count()
    }

    /// Whether there is no secret.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The same secrets, used by another process.
    #[must_use]
    pub fn used_by(&self, process: &Process) -> Self {
        Self { state: Arc::clone(&self.state), process: process.clone() }
    }

    /// A copy of the secrets, which changes on its own.
    #[must_use]
    pub fn fork(&self) -> Self {
        Self { state: Arc::new(Mutex::new(self.state().clone())), process: Process::default() }
    }

    /// Lets this share of the reads of AWSCURRENT return one of the two versions before.
    pub fn make_stale(&self, seed: u64, per_mille: u32) {
        self.state().stale = Some((Rng::with_seed(seed), per_mille));
    }

    /// All values that anybody could still read, with all versions, and those of secrets that can be restored.
    pub fn everything(&self) -> Vec<(PackSecret, PackValue)> {
        let state = self.state();
        let all = state.secrets.iter();
        all.flat_map(|(secret, stored)| stored.values().map(|value| (secret.clone(), value.clone()))).collect()
    }

    /// The current values of all secrets that are not deleted.
    pub fn current_values(&self) -> BTreeMap<PackSecret, PackValue> {
        let state = self.state();
        let present = state.secrets.iter().filter(|(_, secret)| !secret.is_deleted);
        present
            .filter_map(|(name, secret)| Some((name.clone(), secret.find(&secret.current)?.value.clone()?)))
            .collect()
    }

    /// The number of versions of a secret that exist.
    pub fn versions(&self, secret: &PackSecret) -> usize {
        self.state().secrets.get(secret).map_or(0, |secret| secret.versions.len())
    }

    /// Every value that was ever stored, in order.
    pub fn log(&self) -> Vec<(PackSecret, PackValue)> {
        self.state().log.clone()
    }

    /// The number of values that were ever stored.
    pub fn writes(&self) -> usize {
        self.state().log.len()
    }

    /// Stores a value as a person does in the console: with a random version id, whatever is current.
    pub fn overwrite(&self, secret: &PackSecret, value: PackValue) {
        let mut state = self.state();
        let id = state.next_id();
        let version = Version { id: id.clone(), value: Some(value), written_at: Instant::now() };
        let stored = state.secrets.entry(secret.clone()).or_insert_with(|| Secret::new(version.clone()));
        stored.versions.retain(|other| other.id != id);
        stored.versions.push(version);
        stored.current = id;
    }

    /// Moves AWSCURRENT back to the version before, as an operator does.
    pub fn roll_back(&self, secret: &PackSecret) {
        let mut state = self.state();
        if let Some(secret) = state.secrets.get_mut(secret)
            && let Some(at) = secret.versions.iter().position(|version| version.id == secret.current)
            && let Some(before) = at.checked_sub(1).and_then(|at| secret.versions.get(at))
        {
            secret.current = before.id.clone();
        }
    }

    /// Removes a secret, as a person does in the console.
    pub fn destroy(&self, secret: &PackSecret) {
        self.state().secrets.remove(secret);
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn next_id(&mut self) -> VersionId {
        self.created += 1;
        VersionId::new(format!("created-{}", self.created))
    }

    fn read_current(&mut self, secret: &PackSecret) -> Option<StoredPack> {
        let stored = self.secrets.get(secret).filter(|secret| !secret.is_deleted)?;
        let at = stored.versions.iter().position(|version| version.id == stored.current)?;
        let back = match &mut self.stale {
            Some((rng, per_mille)) => {
                let is_stale = rng.u32(..1_000) < *per_mille;
                if is_stale { rng.usize(1..=2) } else { 0 }
            }
            None => 0,
        };
        let version = stored.versions.get(at.saturating_sub(back))?;
        Some(StoredPack { version: version.id.clone(), is_current: true, value: version.value.clone()? })
    }

    fn put(&mut self, secret: &PackSecret, token: &RequestToken, value: &PackValue) -> Result<(), PutError> {
        check_size(value)?;
        let stored = self.secrets.get_mut(secret).filter(|secret| !secret.is_deleted).ok_or(PutError::Absent)?;
        let id = token.version();
        if let Some(present) = stored.find(&id) {
            let is_same = present.value.as_ref().is_some_and(|present| present.expose() == value.expose());
            return if is_same { Ok(()) } else { Err(PutError::TokenTaken) };
        }
        stored.make_room()?;
        stored.versions.push(Version { id: id.clone(), value: Some(value.clone()), written_at: Instant::now() });
        stored.current = id;
        if self.kept == Kept::Newest {
            stored.drop_older_values();
        }
        self.most_in_a_day = self.most_in_a_day.max(stored.young());
        self.record(secret, value);
        Ok(())
    }

    fn create(&mut self, secret: &PackSecret, value: &PackValue) -> Result<VersionId, CreateError> {
        check_size(value)?;
        if self.secrets.contains_key(secret) {
            return Err(CreateError::Exists);
        }
        let id = self.next_id();
        let version = Version { id: id.clone(), value: Some(value.clone()), written_at: Instant::now() };
        self.secrets.insert(secret.clone(), Secret::new(version));
        self.record(secret, value);
        Ok(id)
    }

    fn record(&mut self, secret: &PackSecret, value: &PackValue) {
        if self.kept == Kept::All {
            self.log.push((secret.clone(), value.clone()));
        }
    }

    fn delete(&mut self, secret: &PackSecret, deletion: PackDeletion) {
        match deletion {
            PackDeletion::ForGood => {
                self.secrets.remove(secret);
            }
            PackDeletion::Recoverable => {
                if let Some(stored) = self.secrets.get_mut(secret) {
                    stored.is_deleted = true;
                }
            }
        }
    }
}

impl Secret {
    fn new(version: Version) -> Self {
        Self { current: version.id.clone(), versions: vec![version], is_deleted: false }
    }

    fn find(&self, id: &VersionId) -> Option<&Version> {
        self.versions.iter().find(|version| version.id == *id)
    }

    fn values(&self) -> impl Iterator<Item = &PackValue> {
        self.versions.iter().filter_map(|version| version.value.as_ref())
    }

    /// How many versions were written within 24 hours.
    fn young(&self) -> usize {
        self.versions.iter().rev().take_while(|version| version.written_at.elapsed() <= YOUNG).count()
    }

    fn drop_older_values(&mut self) {
        for version in self.versions.iter_mut().rev().skip(2) {
            version.value = None;
        }
    }

    /// Deletes the oldest version that is neither young nor labeled, if there are too many.
    fn make_room(&mut self) -> Result<(), VaultError> {
        if self.versions.len() < MOST_VERSIONS {
            return Ok(());
        }
        let current = self.versions.iter().position(|version| version.id == self.current);
        let is_labeled = |at: usize| Some(at) == current || Some(at + 1) == current;
        let old = |at: usize, version: &Version| !is_labeled(at) && version.written_at.elapsed() > YOUNG;
        match self.versions.iter().enumerate().position(|(at, version)| old(at, version)) {
            Some(oldest) => {
                self.versions.remove(oldest);
                Ok(())
            }
            None => Err(throttled(VERSIONS_USED_UP)),
        }
    }
}

fn check_size(value: &PackValue) -> Result<(), VaultError> {
    if value.expose().len() <= LARGEST_VALUE {
        return Ok(());
    }
    let cause = evertoken_core::vault::OutageCause::Other;
    Err(VaultError::Unavailable { cause, code: "ValidationException".to_owned() })
}

impl PackSecrets for MemorySecrets {
    async fn current(&self, secret: &PackSecret) -> Result<Option<StoredPack>, VaultError> {
        self.process.request(|| self.state().read_current(secret)).await
    }

    async fn version(&self, secret: &PackSecret, version: &VersionId) -> Result<Option<StoredPack>, VaultError> {
        let read = || {
            let state = self.state();
            let stored = state.secrets.get(secret).filter(|secret| !secret.is_deleted)?;
            let found = stored.find(version)?;
            let is_current = stored.current == found.id;
            Some(StoredPack { version: found.id.clone(), is_current, value: found.value.clone()? })
        };
        self.process.request(read).await
    }

    async fn put(&self, secret: &PackSecret, token: &RequestToken, value: &PackValue) -> Result<(), PutError> {
        self.process.request(|| self.state().put(secret, token, value)).await?
    }

    async fn create(&self, secret: &PackSecret, value: &PackValue) -> Result<VersionId, CreateError> {
        self.process.request(|| self.state().create(secret, value)).await?
    }

    async fn delete(&self, secret: &PackSecret, deletion: PackDeletion) -> Result<(), VaultError> {
        self.process.request(|| self.state().delete(secret, deletion)).await
    }

    async fn list(&self, pack: Option<&PackId>, page: Option<String>) -> Result<SecretPage, VaultError> {
        const SIZE: usize = 3;
        let read = || {
            let state = self.state();
            let from = page.and_then(|page| page.parse().ok()).unwrap_or(0);
            let is_listed = |name: &PackSecret| pack.is_none_or(|pack| name.pack == *pack);
            let present = state.secrets.iter().filter(|(name, secret)| !secret.is_deleted && is_listed(name));
            let secrets: Vec<_> = present.skip(from).take(SIZE).map(|(name, _)| name.clone()).collect();
            let next = (secrets.len() == SIZE).then(|| (from + SIZE).to_string());
            SecretPage { secrets, next }
        };
        self.process.request(read).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use evertoken_core::group::Group;

    use crate::ids::Generation;

    fn secret() -> PackSecret {
        PackId::new(Group::main(), 1).at(Generation::FIRST)
    }

    fn value(text: &str) -> PackValue {
        PackValue::new(text.as_bytes().to_vec())
    }

    async fn read(secrets: &MemorySecrets) -> Option<(VersionId, Vec<u8>)> {
        let stored = secrets.current(&secret()).await.unwrap()?;
        Some((stored.version, stored.value.expose().to_vec()))
    }

    #[tokio::test]
    async fn one_of_two_puts_with_the_same_token_succeeds() {
        let secrets = MemorySecrets::default();
        let first = secrets.create(&secret(), &value("one")).await.unwrap();
        assert_eq!(secrets.create(&secret(), &value("one")).await, Err(CreateError::Exists));
        let token = RequestToken::after(&first);
        assert_eq!(secrets.put(&secret(), &token, &value("two")).await, Ok(()));
        assert_eq!(secrets.put(&secret(), &token, &value("two")).await, Ok(()));
        assert_eq!(secrets.put(&secret(), &token, &value("other")).await, Err(PutError::TokenTaken));
        assert_eq!(read(&secrets).await, Some((token.version(), b"two".to_vec())));
        assert!(!secrets.version(&secret(), &first).await.unwrap().unwrap().is_current);
        assert_eq!((secrets.writes(), secrets.versions(&secret())), (2, 2));
    }

    #[tokio::test(start_paused = true)]
    async fn a_secret_has_at_most_a_hundred_versions_of_one_day() {
        let secrets = MemorySecrets::default();
        let mut version = secrets.create(&secret(), &value("0")).await.unwrap();
        let mut put = async |text: &str| {
            let token = RequestToken::after(&version);
            let put = secrets.put(&secret(), &token, &value(text)).await;
            if put.is_ok() {
                version = token.version();
            }
            put
        };
        for number in 1..100 {
            put(&number.to_string()).await.unwrap();
        }
        let refused = Err(PutError::Vault(throttled(VERSIONS_USED_UP)));
        assert_eq!(put("100").await, refused);
        tokio::time::advance(YOUNG + Duration::from_secs(1)).await;
        assert_eq!(put("100").await, Ok(()));
        assert_eq!(secrets.versions(&secret()), 100);
    }

    #[tokio::test]
    async fn a_value_has_a_size_limit() {
        let secrets = MemorySecrets::default();
        assert!(secrets.create(&secret(), &PackValue::new(vec![0; 65_537])).await.is_err());
        let first = secrets.create(&secret(), &PackValue::new(vec![0; 65_536])).await.unwrap();
        let put = secrets.put(&secret(), &RequestToken::after(&first), &PackValue::new(vec![0; 65_537])).await;
        assert!(matches!(put, Err(PutError::Vault(_))));
    }

    #[tokio::test]
    async fn reads_can_be_stale_and_reads_by_version_are_not() {
        let secrets = MemorySecrets::default();
        let first = secrets.create(&secret(), &value("one")).await.unwrap();
        let token = RequestToken::after(&first);
        secrets.put(&secret(), &token, &value("two")).await.unwrap();
        secrets.make_stale(1, 1_000);
        assert_eq!(read(&secrets).await, Some((first, b"one".to_vec())));
        assert!(secrets.version(&secret(), &token.version()).await.unwrap().is_some());
    }

    #[tokio::test]
    async fn a_deleted_secret_is_absent_and_its_name_is_free_only_after_a_deletion_for_good() {
        let secrets = MemorySecrets::default();
        let first = secrets.create(&secret(), &value("one")).await.unwrap();
        secrets.delete(&secret(), PackDeletion::Recoverable).await.unwrap();
        assert_eq!(read(&secrets).await, None);
        assert!(secrets.version(&secret(), &first).await.unwrap().is_none());
        let put = secrets.put(&secret(), &RequestToken::after(&first), &value("two")).await;
        assert_eq!(put, Err(PutError::Absent));
        assert_eq!(secrets.create(&secret(), &value("one")).await, Err(CreateError::Exists));
        assert_eq!(secrets.everything().len(), 1);
        secrets.delete(&secret(), PackDeletion::ForGood).await.unwrap();
        assert!(secrets.everything().is_empty());
        assert!(secrets.create(&secret(), &value("one")).await.is_ok());
    }

    #[tokio::test]
    async fn a_crashed_process_makes_no_more_requests() {
        let process = Process::default().crashing_at(2);
        let secrets = MemorySecrets::default().used_by(&process);
        secrets.create(&secret(), &value("one")).await.unwrap();
        let secret = secret();
        tokio::select! {
            _ = secrets.current(&secret) => panic!("the process has crashed"),
            () = process.crashed() => {}
        }
        assert!(process.has_crashed());
    }
}
