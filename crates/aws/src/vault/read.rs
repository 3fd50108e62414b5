//! Reads documents: one, a page, or all.

use aws_sdk_secretsmanager::types::{Filter, FilterNameStringType};
use evertoken_core::account::AccountName;
use evertoken_core::document::{Document, DocumentError, VersionId, Versioned};
use evertoken_core::vault::{PAGE_SIZE, Page, Unreadable, VaultError};
use futures_util::{Stream, StreamExt, TryStreamExt, stream};
use secrecy::zeroize::Zeroizing;

use super::{Listed, SecretsManagerVault, tags};
use crate::error_code::AwsErrorCode;

/// Names per `ListSecrets` call: AWS's maximum. With one call per 20 documents, 100 accounts take 6 calls.
pub(super) const NAMES_PER_CALL: i32 = 100;

/// How many pages are read concurrently. A hundred thousand accounts take 5,000 calls, too many to send one by one.
const CONCURRENT_PAGES: usize = 4;

impl SecretsManagerVault {
    /// The document with this staging label.
    pub(crate) async fn read(&self, name: &AccountName, stage: &str) -> Result<Option<Versioned>, VaultError> {
        let read = self.client.get_secret_value().secret_id(self.settings.account_secret(name)).version_stage(stage);
        match read.send().await.map_err(AwsErrorCode::from) {
            Ok(value) => Ok(Some(decode(name, value.version_id, value.secret_string)?)),
            Err(error) if error.is_absent() => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// The current documents of up to 20 accounts. An error with one account does not fail the others.
    pub(super) async fn read_page(&self, names: &[AccountName]) -> Result<Page, VaultError> {
        let mut page = Page::default();
        if names.is_empty() {
            return Ok(page);
        }
        let secrets = names.iter().map(|name| self.settings.account_secret(name)).collect();
        let read = self.client.batch_get_secret_value().set_secret_id_list(Some(secrets));
        let mut next_token = None;
        loop {
            let response = read.clone().set_next_token(next_token).send().await.map_err(AwsErrorCode::from)?;
            for error in response.errors() {
                let code = AwsErrorCode::new(error.error_code().unwrap_or("unknown"));
                if !code.is_absent() {
                    let secret = error.secret_id().unwrap_or_default();
                    let name = self.settings.account_name(secret).unwrap_or(secret).to_owned();
                    let reason = DocumentError::Withheld { code: code.into_code() };
                    page.unreadable.push(Unreadable { name, reason });
                }
            }
            for value in response.secret_values.unwrap_or_default() {
                let Some(name) = value.name().and_then(|secret| self.parse_name(secret)) else { continue };
                match decode(&name, value.version_id, value.secret_string) {
                    Ok(account) => page.accounts.push(account),
                    Err(reason) => page.unreadable.push(Unreadable { name: name.to_string(), reason }),
                }
            }
            next_token = response.next_token;
            if next_token.is_none() {
                return Ok(page);
            }
        }
    }

    /// All current documents. Lists the names first, so that no value of another application is read.
    ///
    /// The list may be five minutes old (AWS, `ListSecrets`): the next run includes an account that was connected a
    /// moment ago. Secrets that are scheduled for deletion are not listed.
    pub(super) fn read_all(self) -> impl Stream<Item = Result<Page, VaultError>> + Send {
        let vault = self.clone();
        self.list_names()
            .map(move |names| {
                let vault = vault.clone();
                async move { vault.read_listed(names?).await }
            })
            .buffered(CONCURRENT_PAGES)
    }

    /// The documents of a page of listed names. A name that is not a valid account name is reported as unreadable.
    async fn read_listed(&self, names: Vec<String>) -> Result<Page, VaultError> {
        let mut accounts = Vec::with_capacity(names.len());
        let mut unreadable = Vec::new();
        for name in names {
            match name.parse() {
                Ok(account) => accounts.push(account),
                Err(_) => unreadable.push(Unreadable { name, reason: DocumentError::Misnamed }),
            }
        }
        let mut page = self.read_page(&accounts).await?;
        page.unreadable.append(&mut unreadable);
        Ok(page)
    }

    /// The names of all account secrets, up to 20 at a time.
    fn list_names(self) -> impl Stream<Item = Result<Vec<String>, VaultError>> + Send {
        let prefix = self.settings.accounts_prefix();
        let filter = Filter::builder().key(FilterNameStringType::Name).values(prefix).build();
        let list = self.client.list_secrets().filters(filter).max_results(NAMES_PER_CALL);
        let reads_all = self.listed == Listed::All;
        let responses = stream::try_unfold(Some(None), move |next| {
            let (list, settings) = (list.clone(), self.settings.clone());
            async move {
                let Some(next_token) = next else { return Ok(None) };
                let response = list.set_next_token(next_token).send().await.map_err(AwsErrorCode::from)?;
                // Checked again here, so that no other secret is read, whatever the filter matches.
                let listed =
                    response.secret_list().iter().filter(|secret| reads_all || tags::moved_to(secret.tags()).is_none());
                let ours = listed.filter_map(|secret| settings.account_name(secret.name()?));
                let names: Vec<String> = ours.map(str::to_owned).collect();
                Ok::<_, VaultError>(Some((names, response.next_token.map(Some))))
            }
        });
        responses
            .map_ok(|names| {
                let chunks: Vec<_> = names.chunks(PAGE_SIZE).map(|chunk| Ok(chunk.to_vec())).collect();
                stream::iter(chunks)
            })
            .try_flatten()
    }

    fn parse_name(&self, secret: &str) -> Option<AccountName> {
        self.settings.account_name(secret)?.parse().ok()
    }
}

/// Takes the text over, so that it can be overwritten.
fn decode(name: &AccountName, version: Option<String>, text: Option<String>) -> Result<Versioned, DocumentError> {
    // A value without text is binary, which Evertoken never writes.
    let text = Zeroizing::new(text.ok_or(DocumentError::NotJson)?);
    let document = Document::decode(name, &text)?;
    Ok(Versioned { version: VersionId::new(version.unwrap_or_default()), document, cohort: None })
}
