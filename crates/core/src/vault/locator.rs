//! Where people find an account's document.

use std::path::PathBuf;

use crate::account::AccountName;
use crate::document::Versioned;

/// Describes where a vault keeps account documents, in words for an operator.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DocumentLocator {
    /// Secrets Manager. Documents are secrets named `<prefix>/accounts/<name>`.
    SecretsManager {
        /// The prefix of all secrets.
        prefix: String,
    },
    /// Secrets Manager, with many accounts in one secret. The index knows which secret an account is in.
    Packs {
        /// The prefix of all secrets.
        prefix: String,
        /// The stack that the secrets belong to.
        stack: String,
    },
    /// A folder that holds one file per account.
    Folder(PathBuf),
    /// The memory of this process.
    Memory,
}

impl DocumentLocator {
    /// The secret's name or the file's path. For a pack, what its name begins with.
    pub fn location(&self, name: &AccountName) -> String {
        match self {
            Self::SecretsManager { prefix } => format!("{prefix}/accounts/{name}"),
            Self::Packs { prefix, .. } => format!("{prefix}/packs"),
            Self::Folder(dir) => dir.join("accounts").join(format!("{name}.json")).display().to_string(),
            Self::Memory => format!("memory:{name}"),
        }
    }

    /// The location of an account that was read. For a pack, what the secret's name begins with.
    pub fn location_of(&self, account: &Versioned) -> String {
        let name = &account.document.name;
        match (self, &account.cohort) {
            (Self::Packs { prefix, .. }, Some(pack)) => format!("{prefix}/packs/{pack}"),
            (Self::Packs { prefix, .. }, None) => format!("{prefix}/accounts/{name}"),
            _ => self.location(name),
        }
    }

    /// A shell command that prints the account's token.
    pub fn read_command(&self, name: &AccountName) -> String {
        match self {
            Self::SecretsManager { .. } => {
                let secret = self.location(name);
                format!("aws secretsmanager get-secret-value --secret-id {secret} --query SecretString --output text")
            }
            Self::Packs { stack, .. } => format!("evertoken token {name} --stack {stack}"),
            Self::Folder(dir) => format!("evertoken token {name} --local {}", dir.display()),
            Self::Memory => format!("# {name} is only in the memory of this process"),
        }
    }
}
