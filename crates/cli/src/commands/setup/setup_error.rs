//! How the setup can fail. The messages never repeat an answer: it may be the app secret.

use std::borrow::Cow;
use std::path::PathBuf;

use evertoken_core::app::InvalidApp;
use evertoken_core::document::ProviderName;
use evertoken_core::provider_error::ProviderError;

use super::answers_error::AnswersError;
use super::field::{META_APP_ID, META_APP_SECRET};
use super::invalid_answer::InvalidAnswer;
use crate::credentials::app_check;

#[derive(Clone, Debug, thiserror::Error, PartialEq, Eq)]
pub(crate) enum SetupError {
    #[error("cannot use the answers in {}: {reason}", .file.display())]
    Answers { file: PathBuf, reason: AnswersError },
    #[error("cannot use the answer to {0}")]
    Answer(InvalidAnswer),
    #[error("the input ended before the setup was complete")]
    Interrupted,
    #[error("nothing was stored: {}", app_check::cause(*.0, .1.kind).trim_end_matches('.'))]
    CredentialsRejected(ProviderName, ProviderError),
    #[error(transparent)]
    InvalidCredentials(InvalidApp),
    #[error("{} did not accept any of the credentials", if *.0 == ProviderName::Facebook { "Facebook" } else { "Instagram" })]
    NoCredentialsAccepted(ProviderName),
}

impl SetupError {
    /// What to do. `setup` is the command to run again.
    pub(crate) fn hint(&self, setup: &str) -> Cow<'static, str> {
        match self {
            Self::Answers { reason: AnswersError::Missing(META_APP_ID | META_APP_SECRET), .. } => {
                r#"write {"meta_app_id": "...", "meta_app_secret": "...", "public_url": "https://..."}"#.into()
            }
            Self::Answers { .. } => {
                r#"write {"app_id": "...", "app_secret": "...", "public_url": "https://..."}"#.into()
            }
            Self::Answer(_) => format!("run `{setup}` again to continue: valid answers are remembered").into(),
            Self::Interrupted => format!("run `{setup}` again to continue: finished steps are remembered").into(),
            Self::CredentialsRejected(login, error) => app_check::remedy(*login, error.kind).into(),
            Self::InvalidCredentials(InvalidApp::MetaUnfilled | InvalidApp::MetaId | InvalidApp::MetaSecret) => {
                "copy the app ID and the app secret from App settings > Basic".into()
            }
            Self::InvalidCredentials(_) => {
                "copy the Instagram app ID and app secret from Instagram > API setup with Instagram login".into()
            }
            Self::NoCredentialsAccepted(_) => format!("run `{setup}` again once you have the right ones").into(),
        }
    }
}
