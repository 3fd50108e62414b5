//! What every command is given.

use evertoken_aws::Aws;
use evertoken_core::variables::Variables;

use crate::aws::aws_client::AwsClient;
use crate::aws::aws_error::AwsError;
use crate::output_format::OutputFormat;
use crate::sandbox_vault::command_in_sandbox::FoundSandbox;
use crate::sandbox_vault::offset_clock::OffsetClock;
use crate::vault::vault_option::VaultOption;

/// The environment of one command. Clones share the connection to AWS.
#[derive(Clone, Debug)]
pub(crate) struct Context {
    pub(crate) variables: Variables,
    pub(crate) format: OutputFormat,
    /// For the commands that messages suggest.
    pub(crate) vault_option: VaultOption,
    /// This machine's clock, or that of the sandbox.
    pub(crate) clock: OffsetClock,
    /// The sandbox of the command's folder.
    pub(crate) sandbox: Option<FoundSandbox>,
    aws: AwsClient,
}

impl Context {
    pub(crate) fn new(variables: Variables, format: OutputFormat, vault_option: VaultOption) -> Self {
        let clock = OffsetClock::default();
        Self { variables, format, vault_option, clock, sandbox: None, aws: AwsClient::default() }
    }

    /// The same context with other variables, for example those of a stack.
    pub(crate) fn with_variables(&self, variables: Variables) -> Self {
        Self { variables, ..self.clone() }
    }

    /// The same context for a vault that the command line does not name.
    pub(crate) fn with_vault_option(self, vault_option: VaultOption) -> Self {
        Self { vault_option, ..self }
    }

    /// The same context in the sandbox of the command's folder.
    pub(crate) fn in_sandbox(self, sandbox: FoundSandbox, variables: Variables, clock: OffsetClock) -> Self {
        Self { variables, clock, sandbox: Some(sandbox), ..self }
    }

    /// The connection to AWS, made by the first call.
    pub(crate) async fn aws(&self) -> Result<&Aws, AwsError> {
        self.aws.get().await
    }

    pub(crate) fn is_json(&self) -> bool {
        self.format == OutputFormat::Json
    }
}
