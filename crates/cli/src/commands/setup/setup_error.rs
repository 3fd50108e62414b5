//! How the setup can fail. The messages never repeat an answer: it may be the app secret.

use std::borrow::Cow;
use std::path::PathBuf;

use evertoken_core::app::InvalidApp;
use evertoken_core::provider_error::ProviderError;

use super::answers_error::AnswersError;
use super::invalid_answer::InvalidAnswer;

#[derive(Clone, Debug, thiserror::Error, PartialEq, Eq)]
pub(crate) enum SetupError {
    #[error("cannot use the answers in {}: {reason}", .file.display())]
    Answers { file: PathBuf, reason: AnswersError },
    #[error("cannot use the answer to {0}")]
    Answer(InvalidAnswer),
    #[error("the input ended before the setup was complete")]
    Interrupted,
    #[error("nothing was stored: {}", .0.kind.cause().trim_end_matches('.'))]
    CredentialsRejected(ProviderError),
    #[error(transparent)]
    InvalidCredentials(InvalidApp),
    #[error("Instagram did not accept any of the credentials")]
    NoCredentialsAccepted,
}

impl SetupError {
    /// What to do. `setup` is the command to run again.
    pub(crate) fn hint(&self, setup: &str) -> Cow<'static, str> {
        match self {
            Self::Answers { .. } => {
                r#"write {"app_id": "...", "app_secret": "...", "public_url": "https://..."}"#.into()
            }
            Self::Answer(_) => format!("run `{setup}` again to continue: valid answers are remembered").into(),
            Self::Interrupted => format!("run `{setup}` again to continue: finished steps are remembered").into(),
            Self::CredentialsRejected(error) => error.kind.remedy().into(),
            Self::InvalidCredentials(_) => "copy both from Instagram > API setup with Instagram login".into(),
            Self::NoCredentialsAccepted => format!("run `{setup}` again once you have the right ones").into(),
        }
    }
}
