//! Every way in which a command can fail.

use std::io;
use std::net::IpAddr;
use std::path::PathBuf;

use evertoken_aws::AwsErrorCode;
use evertoken_callback::InvalidLogo;
use evertoken_core::account::{AccountId, AccountName};
use evertoken_core::app::InvalidApp;
use evertoken_core::credentials::CredentialsError;
use evertoken_core::document::ProviderName;
use evertoken_core::entropy::EntropyError;
use evertoken_core::refresh::RunError;
use evertoken_core::variables::VariableError;
use evertoken_core::vault::VaultError;
use evertoken_feed::publisher::PublishError;
use evertoken_file_vault::{OpenError, reason};
use evertoken_https::TlsError;
use evertoken_import::client_file::ClientFileError;
use evertoken_import::file_error::FileError;
use evertoken_simulation::SimulationError;
use url::Url;

use crate::aws::aws_error::AwsError;
use crate::aws::stack_error::StackError;
use crate::commands::import::import_error::ImportError;
use crate::commands::setup::setup_error::SetupError;
use crate::exit_status::ExitStatus;
use crate::sandbox_vault::sandbox_error::SandboxError;
use crate::terminal::plural::noun;

pub(crate) type Result<T, E = CliError> = std::result::Result<T, E>;

/// A failure, in words for the person at the terminal.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CliError {
    // Wrong usage.
    #[error("a token or an app secret is on the command line")]
    SecretArgument,
    #[error("{variable} is {path:?}, which cannot be read ({})", .source.kind())]
    SecretFile { variable: &'static str, path: String, source: io::Error },
    #[error(transparent)]
    Variable(#[from] VariableError),
    #[error("no vault is selected")]
    NoVault,
    #[error("the public URL of the service is unknown")]
    NoPublicUrl,
    #[error("--public-url is {0:?}, which is not an https URL")]
    PublicUrl(String),
    #[error("--once allows --expires 30d at most")]
    OnceTooLong,
    #[error("a link with --expires 0s has already expired")]
    NoLifetime,
    #[error("--signing-secret is not the name or ARN of a secret, or may be a key")]
    SigningSecretName,
    #[error("--expires is more than 90 days")]
    LongInvite,
    #[error("--return-to is {:?}, which does not start with one of the EVERTOKEN_RETURN_URLS", .0.as_str())]
    ReturnUrl(Url),
    #[error("--name is the account ID {0}, and --expect is another one")]
    NameIsAnotherId(AccountId),
    #[error("{0} is too long")]
    DurationTooLong(&'static str),
    #[error("--qr and --json cannot be combined")]
    QrWithJson,
    #[error("--force, --all and --remote cannot be combined")]
    ForceAllRemote,
    #[error("--issued and --expires cannot be combined with --provider facebook")]
    DatesWithFacebook,

    // The vault and its accounts.
    #[error("this stack keeps one secret for each account")]
    SingleLayout,
    #[error("a file vault has no packs")]
    NoPacksInFolder,
    #[error("{} is not a vault: it has no folder \"accounts\"", .0.display())]
    NotAVault(PathBuf),
    #[error(transparent)]
    Sandbox(#[from] SandboxError),
    #[error(transparent)]
    OpenVault(#[from] OpenError),
    #[error(transparent)]
    Vault(#[from] VaultError),
    #[error("there is no account {name}")]
    UnknownAccount { name: AccountName, suggestion: Suggestion },

    // AWS.
    #[error(transparent)]
    Aws(#[from] AwsError),
    #[error(transparent)]
    Stack(#[from] StackError),
    #[error(transparent)]
    Tls(#[from] TlsError),
    #[error("cannot read the secret {secret} ({})", .code.code())]
    ReadSecret { secret: String, code: AwsErrorCode },
    #[error("cannot write the secret {secret} ({})", .code.code())]
    WriteSecret { secret: String, code: AwsErrorCode },
    #[error("cannot invoke the Lambda {function} ({})", .code.code())]
    NotInvoked { function: String, code: AwsErrorCode },
    #[error("the Lambda {function} failed: {reason}")]
    LambdaFailed { function: String, reason: String },
    #[error("the Lambda {function} did not return a {expected}")]
    UnexpectedResponse { function: String, expected: &'static str },
    #[error("the stack {0} has no feeds")]
    NoFeeds(String),

    // Credentials.
    #[error(transparent)]
    Credentials(#[from] CredentialsError),
    #[error("cannot use the app's credentials in {location}: {reason}")]
    App { location: String, reason: InvalidApp },
    #[error("{} does not contain a signing key", .0.display())]
    SigningKey(PathBuf),

    // Files and input.
    #[error("cannot read {} ({})", .path.display(), reason(.source))]
    ReadFile { path: PathBuf, source: io::Error },
    #[error("cannot write {} ({})", .path.display(), reason(.source))]
    WriteFile { path: PathBuf, source: io::Error },
    #[error("{} already exists", .0.display())]
    FileExists(PathBuf),
    #[error("cannot read from the terminal ({})", .0.kind())]
    ReadTerminal(io::Error),
    #[error("cannot read the {what} from standard input ({})", .source.kind())]
    ReadInput { what: &'static str, source: io::Error },
    #[error("standard input contains no {0}")]
    EmptyInput(&'static str),
    #[error("cannot write to standard output ({})", .0.kind())]
    Output(io::Error),
    #[error("cannot format the output as JSON: {0}")]
    Json(#[from] serde_json::Error),

    // Single commands.
    /// A token without an end has no days.
    #[error("the token of {name} {}was not refreshed", .days.map_or_else(String::new, expiring))]
    NotRefreshed { name: AccountName, provider: ProviderName, days: Option<i64>, reason: String },
    #[error("the token of {name} expires in {days} {}, and it cannot be refreshed now", noun(*.days, "day"))]
    LifetimeLimit { name: AccountName, days: i64 },
    #[error(transparent)]
    Refresh(#[from] RunError),
    #[error("nothing was removed")]
    RemovalDeclined,
    #[error("nothing was removed: the question was not answered")]
    RemovalUnanswered,
    #[error("tokens are written to a new file only, never to the terminal")]
    ExportToTerminal,
    #[error("{}: {reason}", .file.display())]
    ImportFile { file: PathBuf, reason: FileError },
    #[error("{}: {reason}", .file.display())]
    ClientFile { file: PathBuf, reason: ClientFileError },
    #[error("{name} was not imported: {reason}")]
    NotImported { name: AccountName, reason: Box<ImportError> },
    #[error("cannot use {}: {reason}", .path.display())]
    SettingsFile { path: PathBuf, reason: &'static str },
    #[error(transparent)]
    Setup(#[from] SetupError),
    #[error(transparent)]
    Feed(#[from] PublishError),
    #[error("the feed of {account} has invalid settings: {reason}")]
    FeedSettings { account: AccountName, reason: String },
    #[error("the link is too long for a QR code")]
    QrTooLong,

    // The server.
    #[error("cannot listen on port {port} of {address} ({})", .source.kind())]
    Listen { address: IpAddr, port: u16, source: io::Error },
    #[error("cannot read {}, the file of {option} ({})", .path.display(), .source.kind())]
    TlsFile { option: &'static str, path: PathBuf, source: io::Error },
    #[error("cannot read the logo {} ({})", .path.display(), .source.kind())]
    LogoFile { path: PathBuf, source: io::Error },
    #[error("the logo {} {reason}", .path.display())]
    Logo { path: PathBuf, reason: InvalidLogo },
    #[error("cannot serve over HTTPS: {0}")]
    Certificate(&'static str),
    #[error("cannot create a certificate: {0}")]
    CreateCertificate(#[from] rcgen::Error),
    #[error("the server stopped ({})", .0.kind())]
    Serve(io::Error),
    #[error("cannot listen for shutdown signals ({})", .0.kind())]
    Signals(io::Error),
    #[error("cannot create a temporary folder ({})", .0.kind())]
    TemporaryFolder(io::Error),
    #[error(transparent)]
    Entropy(#[from] EntropyError),
    #[error("the simulation failed: {0}")]
    Simulation(SimulationError),
    #[error("{} already exists", .0.display())]
    OutputExists(PathBuf),
    #[error("cannot render the page: {0}")]
    Report(askama::Error),
    #[error("{0} panicked")]
    Panic(&'static str),
}

fn expiring(days: i64) -> String {
    format!("expires in {days} {} and ", noun(days, "day"))
}

/// What to suggest to someone who mistyped the name of an account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Suggestion {
    Similar(String),
    /// The vault has no account at all.
    FirstInvite,
    List,
}

impl CliError {
    /// Whether the choice of the vault may have caused it.
    pub(crate) fn concerns_vault(&self) -> bool {
        matches!(
            self,
            Self::NotAVault(_)
                | Self::OpenVault(_)
                | Self::Vault(_)
                | Self::UnknownAccount { .. }
                | Self::Aws(AwsError::NoRegion | AwsError::NoCredentials)
                | Self::Stack(_)
                | Self::Refresh(_)
                | Self::NoPublicUrl
        )
    }

    pub(crate) fn exit_status(&self) -> ExitStatus {
        match self {
            Self::SecretArgument
            | Self::SecretFile { .. }
            | Self::Variable(_)
            | Self::NoVault
            | Self::SingleLayout
            | Self::NoPacksInFolder
            | Self::NoPublicUrl
            | Self::PublicUrl(_)
            | Self::LogoFile { .. }
            | Self::Logo { .. }
            | Self::OnceTooLong
            | Self::NoLifetime
            | Self::SigningSecretName
            | Self::LongInvite
            | Self::ReturnUrl(_)
            | Self::NameIsAnotherId(_)
            | Self::DurationTooLong(_)
            | Self::QrWithJson
            | Self::ForceAllRemote
            | Self::DatesWithFacebook => ExitStatus::Usage,
            // Someone stopped reading, as in `evertoken list | head -1`.
            Self::Output(error) if error.kind() == io::ErrorKind::BrokenPipe => ExitStatus::Ok,
            _ => ExitStatus::Failed,
        }
    }
}
