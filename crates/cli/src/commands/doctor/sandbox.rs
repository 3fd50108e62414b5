//! Checks the sandbox of a folder: readable settings, and running.

use std::path::Path;

use super::finding::Finding;
use crate::context::Context;
use crate::sandbox_vault::command_in_sandbox::FoundSandbox;
use crate::sandbox_vault::sandbox_error::SandboxError;
use crate::sandbox_vault::sandbox_file::SandboxFile;
use crate::vault::vault_option::VaultOption;

const SUBJECT: &str = "sandbox";

/// No finding if the folder is not a sandbox's.
pub(super) fn check(dir: &Path, context: &Context) -> Option<Finding> {
    if let Some(FoundSandbox { file, is_running }) = &context.sandbox {
        return Some(if *is_running {
            let days = context.clock.offset().whole_days();
            let text = format!("running at {}, with its clock {days} days ahead", file.origin);
            Finding::ok(SUBJECT, text)
        } else {
            Finding::failure(SUBJECT, &SandboxError::Stopped(dir.to_owned()).into(), &VaultOption::local(dir))
        });
    }
    let error = SandboxFile::read(dir).err()?;
    Some(Finding::failure(SUBJECT, &error, &VaultOption::local(dir)))
}

/// Whether what depends on the service cannot be checked.
pub(super) fn is_stopped(context: &Context) -> bool {
    context.sandbox.as_ref().is_some_and(|sandbox| !sandbox.is_running)
}
