//! Where people find an account's document.

use std::path::PathBuf;

use crate::account::AccountName;

/// Describes where a vault keeps account documents, in words for an operator.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DocumentLocator {
    /// Secrets Manager. Documents are secrets named `<prefix>/accounts/<name>`.
    SecretsManager {
        /// The prefix of all secrets.
        prefix: String,
    },
    /// A folder that holds one file per account.
    Folder(PathBuf),
    /// The memory of this process.
    Memory,
}

impl DocumentLocator {
    /// The secret's name or the file's path.
    pub fn location(&self, name: &AccountName) -> String {
        match self {
            Self::SecretsManager { prefix } => format!("{prefix}/accounts/{name}"),
            Self::Folder(dir) => dir.join("accounts").join(format!("{name}.json")).display().to_string(),
            Self::Memory => format!("memory:{name}"),
        }
    }

    /// A shell command that prints the account's token.
    pub fn read_command(&self, name: &AccountName) -> String {
        match self {
            Self::SecretsManager { .. } => {
                let secret = self.location(name);
                format!("aws secretsmanager get-secret-value --secret-id {secret} --query SecretString --output text")
            }
            Self::Folder(dir) => format!("evertoken token {name} --local {}", dir.display()),
            Self::Memory => format!("# {name} is only in the memory of this process"),
        }
    }
}
