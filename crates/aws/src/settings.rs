//! Environment variables of the vault, validated by the rules of Secrets Manager.

use aws_sdk_secretsmanager::types::Tag;
use evertoken_core::account::AccountName;
use evertoken_core::invite::InviteId;
use evertoken_core::login_state::LoginId;
use evertoken_core::variables::{VariableError, Variables};
use evertoken_core::vault::DocumentLocator;

use crate::account_tags;
use crate::secret_names::is_name;

/// A secret's name has at most 512 characters (AWS, `CreateSecret`). `/accounts/` and the longest account name take 73.
const MAX_PREFIX_LENGTH: usize = 439;

/// The names, tags and encryption key of the vault's secrets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VaultSettings {
    prefix: String,
    stack: String,
    kms_key: Option<String>,
    tags: Vec<(String, String)>,
}

impl VaultSettings {
    /// Reads `EVERTOKEN_VAULT_PREFIX` (required), `EVERTOKEN_STACK` (default: `evertoken`), `EVERTOKEN_KMS_KEY` (default:
    /// the AWS managed key for Secrets Manager) and `EVERTOKEN_ACCOUNT_TAGS` (default: none).
    pub fn read(variables: &Variables) -> Result<Self, VariableError> {
        const PREFIX: &str = "EVERTOKEN_VAULT_PREFIX";
        const PREFIX_EXPECTED: &str = "a prefix for secret names such as evertoken: at most 439 letters, digits and \
             /_+=.@-, without a leading, trailing or double slash";
        const KEY_EXPECTED: &str =
            "the ARN of a KMS key such as arn:aws:kms:eu-west-1:123456789012:key/1234abcd-..., not an alias";
        const TAGS_EXPECTED: &str = "up to 20 tags such as team=web,cost-center=4711, without repeated keys and without the \
             prefixes aws: and evertoken:";
        const STACK_EXPECTED: &str = "a stack name such as evertoken: at most 256 letters, digits and +-=._:/@";
        let prefix = variables.parse(PREFIX, PREFIX_EXPECTED, |text| is_prefix(text).then(|| text.to_owned()))?;
        let stack = variables.parse("EVERTOKEN_STACK", STACK_EXPECTED, |text| {
            let valid =
                text.len() <= 256 && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"+-=._:/@".contains(&b));
            valid.then(|| text.to_owned())
        })?;
        let kms_key =
            variables.parse("EVERTOKEN_KMS_KEY", KEY_EXPECTED, |text| is_key(text).then(|| text.to_owned()))?;
        let tags = variables.parse("EVERTOKEN_ACCOUNT_TAGS", TAGS_EXPECTED, account_tags::parse)?;
        Ok(Self {
            kms_key,
            tags: tags.unwrap_or_default(),
            prefix: prefix.ok_or(VariableError::Missing { name: PREFIX, expected: PREFIX_EXPECTED })?,
            stack: stack.unwrap_or_else(|| "evertoken".to_owned()),
        })
    }

    /// The prefix of every secret's name.
    pub fn prefix(&self) -> &str {
        &self.prefix
    }

    /// The prefix of another stack whose functions may use the secrets of this one, if such a stack exists. The template
    /// rejects such prefixes for new stacks.
    pub fn enclosing_prefix(&self) -> Option<&str> {
        let starts = ["accounts", "invites", "logins", "packs"].into_iter().flat_map(|part| {
            let inner = self.prefix.match_indices(&format!("/{part}/")).next().map(|(at, _)| at);
            [inner, self.prefix.strip_suffix(&format!("/{part}")).map(str::len)]
        });
        starts.flatten().min().and_then(|at| self.prefix.get(..at))
    }

    /// Where an operator finds account documents.
    pub fn locator(&self) -> DocumentLocator {
        DocumentLocator::SecretsManager { prefix: self.prefix.clone() }
    }

    /// The value of the tag `evertoken:stack`.
    pub fn stack(&self) -> &str {
        &self.stack
    }

    /// The tags of every new secret: the stack's name, and the operator's own tags.
    pub fn tags(&self) -> Vec<Tag> {
        let own = std::iter::once(("evertoken:stack", self.stack.as_str()));
        let all = own.chain(self.tags.iter().map(|(key, value)| (key.as_str(), value.as_str())));
        all.map(|(key, value)| Tag::builder().key(key).value(value).build()).collect()
    }

    /// The key that encrypts new secrets, or `None` for the AWS managed key.
    pub fn kms_key(&self) -> Option<String> {
        self.kms_key.clone()
    }

    /// The prefix of all account secrets' names.
    pub(crate) fn accounts_prefix(&self) -> String {
        format!("{}/accounts/", self.prefix)
    }

    pub(crate) fn account_secret(&self, name: &AccountName) -> String {
        format!("{}/accounts/{name}", self.prefix)
    }

    /// The name of the secret that records that an invite was used.
    pub(crate) fn invite_secret(&self, invite: &InviteId) -> String {
        format!("{}/invites/{}", self.prefix, invite.as_str())
    }

    /// The name of the secret that records which account a login stored.
    pub(crate) fn login_secret(&self, login: &LoginId) -> String {
        format!("{}/logins/{}", self.prefix, login.as_str())
    }

    /// The account name in the name of a secret, not yet validated, or `None` if the secret is not an account.
    pub(crate) fn account_name<'a>(&self, secret: &'a str) -> Option<&'a str> {
        secret.strip_prefix(&self.prefix)?.strip_prefix("/accounts/")
    }
}

fn is_prefix(text: &str) -> bool {
    is_name(text)
        && text.len() <= MAX_PREFIX_LENGTH
        && !text.starts_with('/')
        && !text.ends_with('/')
        && !text.contains("//")
}

/// Accepts a key's ARN only. An IAM policy cannot name a key by its alias (AWS, "Using aliases to control access to KMS
/// keys").
fn is_key(text: &str) -> bool {
    match text.split(':').collect::<Vec<_>>().as_slice() {
        ["arn", _partition, "kms", _region, _account, key] => key
            .strip_prefix("key/")
            .is_some_and(|id| !id.is_empty() && id.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(variables: &[(&str, &str)]) -> Variables {
        variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn accepts_prefixes_that_are_valid_in_a_secret_name() {
        let longest = "a".repeat(439);
        for good in ["evertoken", "shop/evertoken", "a.b_c+d=e@f-g", longest.as_str()] {
            let settings = VaultSettings::read(&with(&[("EVERTOKEN_VAULT_PREFIX", good)])).unwrap();
            assert_eq!((settings.prefix(), settings.stack()), (good, "evertoken"));
        }
        let too_long = "a".repeat(440);
        for bad in ["/evertoken", "evertoken/", "a//b", "a b", "ä", "!evertoken", too_long.as_str()] {
            let error = VaultSettings::read(&with(&[("EVERTOKEN_VAULT_PREFIX", bad)])).unwrap_err();
            assert!(error.to_string().starts_with("EVERTOKEN_VAULT_PREFIX is"), "{error}");
        }
        assert!(VaultSettings::read(&with(&[])).unwrap_err().to_string().contains("is not set"));
    }

    #[test]
    fn finds_a_prefix_that_encloses_this_one() {
        for (prefix, enclosing) in [
            ("evertoken", None),
            ("shop/evertoken", None),
            ("shop/myaccounts/evertoken", None),
            ("accounts/evertoken", None),
            ("evertoken/accounts/shop", Some("evertoken")),
            ("a/b/logins/c/accounts", Some("a/b")),
            ("evertoken/invites", Some("evertoken")),
            ("evertoken/packs/main-00001", Some("evertoken")),
        ] {
            let settings = VaultSettings::read(&with(&[("EVERTOKEN_VAULT_PREFIX", prefix)])).unwrap();
            assert_eq!(settings.enclosing_prefix(), enclosing, "{prefix}");
        }
    }

    #[test]
    fn accepts_stack_names_that_are_valid_in_a_tag() {
        let read = |stack| VaultSettings::read(&with(&[("EVERTOKEN_VAULT_PREFIX", "e"), ("EVERTOKEN_STACK", stack)]));
        assert_eq!(read("my-stack").unwrap().stack(), "my-stack");
        assert!(read("my*stack").unwrap_err().to_string().starts_with(r#"EVERTOKEN_STACK is "my*stack""#));
    }

    #[test]
    fn accepts_a_kms_key_arn_but_not_an_alias() {
        let read = |key| VaultSettings::read(&with(&[("EVERTOKEN_VAULT_PREFIX", "e"), ("EVERTOKEN_KMS_KEY", key)]));
        let arn = "arn:aws:kms:eu-west-1:123456789012:key/mrk-1234abcd12ab34cd56ef1234567890ab";
        assert_eq!(read(arn).unwrap().kms_key().as_deref(), Some(arn));
        assert_eq!(read("").unwrap().kms_key(), None);
        for bad in ["alias/mine", "arn:aws:kms:eu-west-1:123456789012:alias/mine", "arn:aws:kms:eu-west-1:1:key/", "k"]
        {
            assert!(read(bad).unwrap_err().to_string().starts_with("EVERTOKEN_KMS_KEY is"), "{bad}");
        }
    }

    #[test]
    fn tags_every_secret_with_the_stack_and_the_operators_tags() {
        let read =
            |tags| VaultSettings::read(&with(&[("EVERTOKEN_VAULT_PREFIX", "e"), ("EVERTOKEN_ACCOUNT_TAGS", tags)]));
        let pairs = |tags: Vec<Tag>| -> Vec<_> {
            tags.into_iter().map(|tag| (tag.key.unwrap_or_default(), tag.value.unwrap_or_default())).collect()
        };
        let tag = |key: &str, value: &str| (key.to_owned(), value.to_owned());
        assert_eq!(pairs(read("").unwrap().tags()), [tag("evertoken:stack", "evertoken")]);
        assert_eq!(pairs(read("team=web").unwrap().tags()), [tag("evertoken:stack", "evertoken"), tag("team", "web")]);
        assert!(read("team").unwrap_err().to_string().starts_with(r#"EVERTOKEN_ACCOUNT_TAGS is "team"; expected"#));
    }

    #[test]
    fn ignores_secrets_with_another_prefix() {
        let settings = VaultSettings::read(&with(&[("EVERTOKEN_VAULT_PREFIX", "evertoken")])).unwrap();
        let name: AccountName = "shop-de".parse().unwrap();
        assert_eq!(settings.account_name(&settings.account_secret(&name)), Some("shop-de"));
        for foreign in ["Evertoken/accounts/shop-de", "evertoken2/accounts/shop-de", "evertoken/app", "shop-de"] {
            assert_eq!(settings.account_name(foreign), None, "{foreign}");
        }
    }
}
