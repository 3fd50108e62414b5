//! Either publisher: of a folder or of a stack.

use std::path::Path;
use std::sync::Arc;

use evertoken_core::variables;
use evertoken_feed::publisher::PublishError;
use evertoken_feed::request::{Request, Response};
use evertoken_instagram::LoginSettings;
use url::Url;

use super::local_publisher::{self, LocalPublisher};
use crate::aws::lambda_invocation;
use crate::aws::stack::Stack;
use crate::context::Context;
use crate::credentials::any_credentials::AnyApp;
use crate::credentials::app_store::AppStore;
use crate::error::{CliError, Result};
use crate::vault::location::VaultLocation;
use crate::vault::lookup;

/// The output of the stack that names the publisher's function.
const FUNCTION: &str = "FeedFunction";

/// The address of `evertoken serve`, unless it has another one.
const DEFAULT_ADDRESS: &str = "http://127.0.0.1:8080";

pub(crate) enum AnyPublisher {
    Folder(Arc<LocalPublisher>),
    /// The name of the Lambda.
    Function(String),
}

impl AnyPublisher {
    /// The publisher of the selected vault.
    pub(crate) async fn at(location: &VaultLocation, context: &Context) -> Result<Self> {
        match &location.local {
            Some(dir) => Self::in_folder(dir, location, context).await,
            None => Self::of_stack(&Stack::read(context, location.stack_name()).await?),
        }
    }

    async fn in_folder(dir: &Path, location: &VaultLocation, context: &Context) -> Result<Self> {
        let vault = location.open(context).await?;
        let logins = LoginSettings::read(&context.variables)?.keeping_facebook(&context.variables)?;
        let app = AnyApp::Stored(Arc::new(AppStore::in_folder(dir)));
        let clock = Arc::new(context.clock);
        let publisher = local_publisher::publisher(dir, vault, (logins, app), base_url(context)?, clock)?;
        Ok(Self::Folder(publisher))
    }

    /// The publisher of a stack with `Feed=on`.
    pub(crate) fn of_stack(stack: &Stack) -> Result<Self> {
        let function = stack.output(FUNCTION).map_err(|_| CliError::NoFeeds(stack.name().to_owned()))?;
        Ok(Self::Function(function.to_owned()))
    }

    /// Carries out a request.
    pub(crate) async fn run(&self, request: Request, context: &Context) -> Result<Response> {
        match self {
            Self::Folder(publisher) => {
                let result = publisher.run(request, None).await;
                match result {
                    Err(PublishError::NoAccount(name)) => {
                        lookup::account(&publisher.vault, &name).await?;
                        Err(PublishError::NoAccount(name).into())
                    }
                    result => Ok(result?),
                }
            }
            Self::Function(function) => {
                let input = serde_json::to_value(&request)?;
                lambda_invocation::invoke(function, &input, "response about feeds", context).await
            }
        }
    }
}

fn base_url(context: &Context) -> Result<Url> {
    let variables = context.variables.clone().or("EVERTOKEN_PUBLIC_URL", DEFAULT_ADDRESS);
    Ok(variables::public_url(&variables)?)
}
