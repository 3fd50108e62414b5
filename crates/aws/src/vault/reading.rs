//! Reading documents: one, a page, all.

use aws_sdk_secretsmanager::types::{Filter, FilterNameStringType};
use evertoken_core::account::AccountName;
use evertoken_core::document::{Document, DocumentError, VersionId, Versioned};
use evertoken_core::vault::{PAGE_SIZE, Page, Unreadable, VaultError};
use futures_util::{Stream, StreamExt, TryStreamExt, stream};

use super::SecretsManagerVault;
use crate::error_code::AwsErrorCode;

/// Names that one `ListSecrets` gives: its most. With a page of documents for every 20 that makes 6 calls for 100
/// accounts.
const NAMES: i32 = 100;

/// Pages of documents that are read at once: a hundred thousand accounts are 5,000 calls, one after the other.
const READS: usize = 4;

impl SecretsManagerVault {
    /// The document that bears `stage`.
    pub(crate) async fn read(&self, name: &AccountName, stage: &str) -> Result<Option<Versioned>, VaultError> {
        let secret = self.settings.secret(name);
        match self
            .client
            .get_secret_value()
            .secret_id(secret)
            .version_stage(stage)
            .send()
            .await
            .map_err(AwsErrorCode::from)
        {
            Ok(value) => Ok(Some(decode(name, value.version_id(), value.secret_string())?)),
            Err(error) if error.is_absent() => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// The current documents of up to 20 accounts. What goes wrong with one of them is told of that one.
    pub(super) async fn read_page(&self, names: &[AccountName]) -> Result<Page, VaultError> {
        let mut page = Page::default();
        if names.is_empty() {
            return Ok(page);
        }
        let secrets = names.iter().map(|name| self.settings.secret(name)).collect();
        let read = self.client.batch_get_secret_value().set_secret_id_list(Some(secrets));
        let mut token = None;
        loop {
            let answer = read.clone().set_next_token(token).send().await.map_err(AwsErrorCode::from)?;
            for value in answer.secret_values() {
                let Some(name) = value.name().and_then(|secret| self.name(secret)) else { continue };
                match decode(&name, value.version_id(), value.secret_string()) {
                    Ok(account) => page.accounts.push(account),
                    Err(reason) => page.unreadable.push(Unreadable { name: name.to_string(), reason }),
                }
            }
            for error in answer.errors() {
                let code = AwsErrorCode::new(error.error_code().unwrap_or("unknown"));
                if !code.is_absent() {
                    let secret = error.secret_id().unwrap_or_default();
                    let name = self.settings.account(secret).unwrap_or(secret).to_owned();
                    page.unreadable
                        .push(Unreadable { name, reason: DocumentError::Withheld { code: code.into_code() } });
                }
            }
            token = answer.next_token;
            if token.is_none() {
                return Ok(page);
            }
        }
    }

    /// All documents: their names first, so that no value is read that is none of ours.
    ///
    /// `ListSecrets` may lag by five minutes (AWS, `ListSecrets`): an account connected a moment ago is then in the
    /// next run. It leaves out what is marked deleted.
    pub(super) fn read_all(self) -> impl Stream<Item = Result<Page, VaultError>> + Send {
        let vault = self.clone();
        self.names()
            .map(move |names| {
                let vault = vault.clone();
                async move { vault.read_named(names?).await }
            })
            .buffered(READS)
    }

    async fn read_named(&self, names: Vec<String>) -> Result<Page, VaultError> {
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

    /// What lies below the prefix, 20 names at a time.
    fn names(self) -> impl Stream<Item = Result<Vec<String>, VaultError>> + Send {
        let filter = Filter::builder().key(FilterNameStringType::Name).values(self.settings.accounts()).build();
        let list = self.client.list_secrets().filters(filter).max_results(NAMES);
        let pages = stream::try_unfold(Some(None), move |next| {
            let (list, settings) = (list.clone(), self.settings.clone());
            async move {
                let Some(token) = next else { return Ok(None) };
                let answer = list.set_next_token(token).send().await.map_err(AwsErrorCode::from)?;
                // The filter matches beginnings; which of these are ours is for us to say.
                let ours = answer.secret_list().iter().filter_map(|secret| settings.account(secret.name()?));
                let names: Vec<String> = ours.map(str::to_owned).collect();
                Ok::<_, VaultError>(Some((names, answer.next_token.map(Some))))
            }
        });
        pages
            .map_ok(|names| {
                let chunks: Vec<_> = names.chunks(PAGE_SIZE).map(|chunk| Ok(chunk.to_vec())).collect();
                stream::iter(chunks)
            })
            .try_flatten()
    }

    fn name(&self, secret: &str) -> Option<AccountName> {
        self.settings.account(secret)?.parse().ok()
    }
}

fn decode(name: &AccountName, version: Option<&str>, text: Option<&str>) -> Result<Versioned, DocumentError> {
    // Without a text the value is bytes: somebody else's.
    let document = Document::decode(name, text.ok_or(DocumentError::NotJson)?)?;
    Ok(Versioned { version: VersionId::new(version.unwrap_or_default()), document })
}
