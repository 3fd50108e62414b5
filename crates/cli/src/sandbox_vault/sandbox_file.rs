//! `sandbox.json` in the folder of a file vault: where its sandbox is, and how far its clock is ahead.
//!
//! The file marks the folder for good: its tokens are not Instagram's.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use evertoken_core::variables::{is_loopback, parse_secure_url};
use evertoken_file_vault::safe_folder::SafeFolder;
use secrecy::ExposeSecret;
use serde::{Deserialize, Serialize};
use time::Duration;
use url::Url;

use super::sandbox_error::SandboxError;
use crate::credentials::key_file;
use crate::credentials::local_credentials::app_file;
use crate::error::Result;

const NAME: &str = "sandbox.json";

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct SandboxFile {
    /// Where the sandbox stands in for Instagram.
    pub(crate) origin: Url,
    /// The sandbox's id: another program may use its port later.
    pub(crate) sandbox: String,
    /// The service that uses the sandbox.
    pub(crate) public_url: Url,
    /// How far the sandbox's clock was ahead of the system's when it was last saved.
    pub(crate) clock_offset_seconds: i64,
}

impl SandboxFile {
    fn path(dir: &Path) -> PathBuf {
        dir.join(NAME)
    }

    /// The file of a folder, or `None` if the folder is not a sandbox's.
    pub(crate) fn read(dir: &Path) -> Result<Option<Self>> {
        let path = Self::path(dir);
        let Some(text) = key_file::read(&path)? else { return Ok(None) };
        Self::parse(text.expose_secret()).map(Some).map_err(|reason| SandboxError::File { path, reason }.into())
    }

    fn parse(text: &str) -> Result<Self, &'static str> {
        let file: Self = serde_json::from_str(text)
            .map_err(|_| "expected origin, sandbox, public_url and clock_offset_seconds as JSON")?;
        // A folder from elsewhere must not send tokens to another machine.
        if file.origin.scheme() != "http" || !is_loopback(&file.origin) || !is_bare(&file.origin) {
            return Err("origin must be an http URL of this machine without a path");
        }
        if parse_secure_url(file.public_url.as_str()).is_none() {
            return Err("public_url must be an https URL, or an http URL of this machine");
        }
        Ok(file)
    }

    pub(crate) fn clock_offset(&self) -> Duration {
        Duration::seconds(self.clock_offset_seconds)
    }

    pub(crate) fn write(&self, dir: &Path) -> Result<()> {
        key_file::write(&Self::path(dir), &serde_json::to_vec(self)?)
    }
}

fn is_bare(url: &Url) -> bool {
    parse_secure_url(url.as_str()).is_some_and(|url| url.path() == "/")
}

/// Refuses a sandbox's folder for a service with Instagram, which would find that none of its tokens work.
pub(crate) fn refuse(dir: &Path) -> Result<()> {
    let path = SandboxFile::path(dir);
    if path.symlink_metadata().is_ok() { Err(SandboxError::OfSandbox(dir.to_owned()).into()) } else { Ok(()) }
}

/// Refuses a folder with an app or with accounts of Instagram for a sandbox, which would reject all of their tokens.
pub(crate) fn refuse_real_vault(dir: &Path) -> Result<()> {
    let has_accounts = match SafeFolder::of_vault(dir).and_then(|vault| vault.subfolder("accounts")?.names()) {
        Ok(names) => names.iter().any(|name| name.to_string_lossy().ends_with(".json")),
        Err(error) if error.kind() == ErrorKind::NotFound => false,
        // Opening the vault reports any other error.
        Err(_) => return Ok(()),
    };
    let has_app = app_file(dir).symlink_metadata().is_ok();
    if has_app || has_accounts { Err(SandboxError::OfInstagram(dir.to_owned()).into()) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accepts_only_addresses_of_this_machine() {
        let parse = |origin: &str, public_url: &str| {
            let file = serde_json::json!({
                "origin": origin, "sandbox": "id", "public_url": public_url, "clock_offset_seconds": 86_400
            });
            SandboxFile::parse(&file.to_string())
        };
        let file = parse("http://127.0.0.1:4000", "https://localhost:8080").unwrap();
        assert_eq!((file.clock_offset(), file.origin.as_str()), (Duration::days(1), "http://127.0.0.1:4000/"));
        for origin in [
            "http://graph.example",
            "http://127.0.0.1.example.com:4000",
            "http://127.0.0.1:4000/elsewhere",
            "http://user:password@127.0.0.1:4000",
            "http://127.0.0.1:4000?a",
            "https://127.0.0.1:4000",
            "file:///etc/passwd",
        ] {
            assert!(parse(origin, "http://127.0.0.1:8080").unwrap_err().contains("origin must be"), "{origin}");
        }
        assert!(parse("http://127.0.0.1:4000", "http://shop.example").unwrap_err().starts_with("public_url"));
        for text in ["", "{}", "[]", "{\"origin\":1}", "\u{feff}{}"] {
            assert!(SandboxFile::parse(text).unwrap_err().starts_with("expected origin"), "{text}");
        }
    }
}
