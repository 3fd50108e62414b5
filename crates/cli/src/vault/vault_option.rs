//! The commands that hints suggest: they work on the same vault as the command that prints them.

use std::fmt::{Display, Formatter};
use std::path::Path;

/// `--local DIR` or `--stack NAME` with a space in front, or nothing for the vault that the environment selects.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct VaultOption(String);

impl VaultOption {
    pub(crate) fn local(dir: &Path) -> Self {
        Self(format!(" --local {}", shell_words::quote(&dir.to_string_lossy())))
    }

    pub(crate) fn stack(name: &str) -> Self {
        Self(format!(" --stack {}", shell_words::quote(name)))
    }

    /// An `evertoken` command to paste into a shell, for example `evertoken list --local vault`.
    pub(crate) fn command(&self, words: &str) -> String {
        format!("evertoken {words}{self}")
    }
}

impl Display for VaultOption {
    fn fmt(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
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
