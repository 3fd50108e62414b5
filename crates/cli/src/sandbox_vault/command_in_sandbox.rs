//! Prepares a command over the folder of a sandbox: the sandbox's clock, endpoints and app replace those of the environment.

use std::path::Path;

use evertoken_core::variables::Variables;
use serde_json::json;

use super::offset_clock::OffsetClock;
use super::running_sandbox;
use super::sandbox_error::SandboxError;
use super::sandbox_file::SandboxFile;
use crate::context::Context;
use crate::error::Result;
use crate::terminal::output;

/// What a command does over the folder of a sandbox.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SandboxUse {
    /// Calls Instagram, which is possible only while the sandbox is running.
    Calls,
    /// Reads the clock.
    ReadsClock,
    /// Says itself what is wrong.
    Diagnoses,
    /// Prepares the folder for Instagram.
    Refuses,
    /// Needs neither.
    Ignores,
}

/// The sandbox of the command's folder.
#[derive(Clone, Debug)]
pub(crate) struct FoundSandbox {
    pub(crate) file: SandboxFile,
    pub(crate) is_running: bool,
}

/// This context, or that of the sandbox if the folder belongs to one.
pub(crate) async fn enter(context: Context, dir: Option<&Path>, sandbox_use: SandboxUse) -> Result<Context> {
    let Some(dir) = dir.filter(|_| sandbox_use != SandboxUse::Ignores) else { return Ok(context) };
    let file = match SandboxFile::read(dir) {
        Ok(Some(file)) => file,
        Ok(None) => return Ok(context),
        Err(_) if sandbox_use == SandboxUse::Diagnoses => return Ok(context),
        Err(error) => return Err(error),
    };
    if sandbox_use == SandboxUse::Refuses {
        return Err(SandboxError::OfSandbox(dir.to_owned()).into());
    }
    let current_offset = running_sandbox::clock_offset(&file).await;
    let is_running = current_offset.is_some();
    let clock = OffsetClock::ahead_by(current_offset.unwrap_or_else(|| file.clock_offset()));
    match sandbox_use {
        SandboxUse::Calls if !is_running => return Err(SandboxError::Stopped(dir.to_owned()).into()),
        SandboxUse::ReadsClock if !is_running => output::note(&format!(
            "The sandbox of {} is not running. Its clock was last seen {} days ahead of this machine's.",
            dir.display(),
            clock.offset().whole_days()
        )),
        _ => {}
    }
    let variables = variables(&file).over(context.variables.clone());
    Ok(context.in_sandbox(FoundSandbox { file, is_running }, variables, clock))
}

/// The variables that take precedence over those of the environment, which may be Instagram's.
fn variables(file: &SandboxFile) -> Variables {
    let app = evertoken_sandbox::Settings::default();
    let secret = json!({
        "app_id": app.app_id,
        "app_secret": app.app_secret,
        "meta_app_id": app.meta_app_id,
        "meta_app_secret": app.meta_app_secret,
    })
    .to_string();
    let values = [
        ("EVERTOKEN_AUTHORIZE_URL", file.origin.as_str()),
        ("EVERTOKEN_TOKEN_URL", file.origin.as_str()),
        ("EVERTOKEN_GRAPH_URL", file.origin.as_str()),
        ("EVERTOKEN_FACEBOOK_DIALOG_URL", file.origin.as_str()),
        ("EVERTOKEN_FACEBOOK_GRAPH_URL", file.origin.as_str()),
        ("EVERTOKEN_PUBLIC_URL", file.public_url.as_str()),
        ("EVERTOKEN_APP_SECRET", &secret),
    ];
    values.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}
