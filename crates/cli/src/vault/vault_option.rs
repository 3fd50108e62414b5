//! The commands that hints suggest: they work on the same vault as the command that prints them.

use std::fmt::{Display, Formatter};
use std::path::Path;

use evertoken_core::document::ProviderName;

/// `--local DIR` or `--stack NAME` with a space in front, or nothing for the vault that the environment selects.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct VaultOption {
    words: String,
    source: VaultSource,
}

/// What selected the vault.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum VaultSource {
    /// The command line, or the command has no choice.
    #[default]
    CommandLine,
    /// This variable.
    Variable(&'static str),
    /// The folder `evertoken-data` in the working directory.
    FoundFolder,
    /// Nothing, so it is that of the stack called `evertoken`. The command accepts `--local` and `--stack`.
    Nothing,
}

impl VaultOption {
    pub(crate) fn local(dir: &Path) -> Self {
        Self { words: format!(" --local {}", shell_words::quote(&dir.to_string_lossy())), ..Self::default() }
    }

    pub(crate) fn stack(name: &str) -> Self {
        Self { words: format!(" --stack {}", shell_words::quote(name)), ..Self::default() }
    }

    /// The same vault, selected by `source`.
    pub(crate) fn selected_by(self, source: VaultSource) -> Self {
        Self { source, ..self }
    }

    /// An `evertoken` command to paste into a shell, for example `evertoken list --local vault`.
    pub(crate) fn command(&self, words: &str) -> String {
        format!("evertoken {words}{self}")
    }

    /// The command that creates a link to log in again, with the login of the account.
    pub(crate) fn invite_command(&self, name: &impl Display, provider: ProviderName) -> String {
        let option = if provider == ProviderName::Facebook { " --provider facebook" } else { "" };
        self.command(&format!("invite --name {name}{option}"))
    }

    /// Whether the command line can still select a vault: nothing has selected one.
    pub(crate) fn is_open(&self) -> bool {
        self.source == VaultSource::Nothing
    }

    /// The setting that names the folder of a file vault.
    pub(crate) fn folder_setting(&self) -> &'static str {
        match self.source {
            VaultSource::Variable(name) => name,
            _ => "--local",
        }
    }

    /// Which vault it is and why, unless the command line says so.
    pub(crate) fn origin(&self) -> Option<String> {
        let option = self.words.trim_start();
        match self.source {
            // EVERTOKEN_STACK is set for a shell that works with one stack.
            VaultSource::Variable("EVERTOKEN_STACK") | VaultSource::CommandLine | VaultSource::Nothing => None,
            VaultSource::Variable(name) if option.is_empty() => Some(format!("{name} selects the vault")),
            VaultSource::Variable(name) => Some(format!("{name} selects the vault, as {option} does")),
            VaultSource::FoundFolder => Some(format!("using the vault in this folder, as {option} does")),
        }
    }
}

impl Display for VaultOption {
    fn fmt(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.words)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_can_be_pasted() {
        assert_eq!(VaultOption::default().command("list"), "evertoken list");
        assert_eq!(VaultOption::local(Path::new("vault")).command("list"), "evertoken list --local vault");
        let odd = VaultOption::local(Path::new("my vault; rm -r $HOME"));
        assert_eq!(odd.command("list"), "evertoken list --local 'my vault; rm -r $HOME'");
        assert_eq!(VaultOption::stack("shop").command("show cafe"), "evertoken show cafe --stack shop");
    }
}
