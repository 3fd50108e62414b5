//! What to do about a failure.

use std::borrow::Cow;
use std::io::{self, ErrorKind};

use evertoken_aws::AwsErrorCode;
use evertoken_core::account::AccountName;
use evertoken_core::credentials::CredentialsError;
use evertoken_core::document::DocumentError;
use evertoken_core::refresh::RunError;
use evertoken_core::variables::VariableError;
use evertoken_core::vault::{DenialCause, OutageCause, VaultError};
use evertoken_feed::publisher::PublishError;
use evertoken_file_vault::{OpenError, Problem};
use evertoken_https::TlsError;

use super::cli_error::{CliError, Suggestion};
use crate::aws::aws_error::AwsError;
use crate::aws::credential_source::{CredentialSource, SignIn};
use crate::aws::stack_error::StackError;
use crate::commands::import::import_error::ImportError;
use crate::vault::vault_option::VaultOption;

type Hint = Option<Cow<'static, str>>;

const PASS_ON_STDIN: &str = "pass it on standard input instead, and remove this command from your shell's history";
const VAULT_FILES: &str = "make the folder and its files writable for this user, on a disk mounted for writing; nothing was \
     changed";
const DISK_FULL: &str = "free up disk space and try again; nothing was lost, since documents are replaced atomically";
const VAULT_LOCKED: &str = "another process holds the vault's lock: wait for it, or find it with `fuser` on the folder \
     accounts; nothing was changed";
const UNSAFE_DOCUMENT: &str = "replace it with a regular file that belongs to the owner of the folder; links and other \
     users' files are not used";
const PACKED_STACK: &str = "deploy the stack with the parameter Layout=packed first, and select it with --stack NAME";

const SELECT_VAULT: &str = "run the command in the folder that contains evertoken-data, or select a file vault with --local DIR or a deployed \
     stack with --stack NAME";
const OR_FILE_VAULT: &str = "or select a file vault with --local DIR";
const AWS_CREDENTIALS: &str =
    "select a profile with AWS_PROFILE, or create one with `aws configure sso` or `aws configure`";
const AWS_SIGN_IN: &str = "sign in to AWS again, and check the clock of this machine";
const AWS_REGION: &str = "set AWS_REGION to the region of the stack, for example us-east-1";
const AWS_NETWORK: &str = "check that this machine can reach AWS, and that AWS_ENDPOINT_URL is right if it is set";
const ROOT_CERTIFICATES: &str = "install the root certificates of this machine (package ca-certificates)";
const HTTPS_URL: &str =
    "use the public base URL of the service, for example https://connect.example.com (http works on loopback only)";
const PEM_FILES: &str =
    "--tls-cert takes a PEM file with the certificate and its chain, --tls-key a PEM file with the private key";

const RETRY: &str = "try again in a minute; if the error persists, report it as a bug";

/// What to do about a failure of a command with this vault.
pub(crate) fn hint(error: &CliError, vault: &VaultOption) -> Cow<'static, str> {
    specific_hint(error, vault).unwrap_or(Cow::Borrowed(RETRY))
}

const LOGO: &str =
    "set --brand-logo to a PNG, JPEG, WebP or SVG file of up to 64 KiB, or to the https URL of a picture";

const RETURN_URLS: &str =
    "add the address to EVERTOKEN_RETURN_URLS (ReturnUrls in the template), or use one that starts with a listed URL";

const SECRET_NAME: &str = "pass the name of the secret, such as evertoken/signing, or its ARN. If it was a key, remove this \
     command from your shell's history";

const FEED_ON: &str = "run `sam deploy --guided` again, and answer Feed with on";

fn feed_command(what: &str, words: &str, account: &AccountName, vault: &VaultOption) -> Cow<'static, str> {
    format!("{what} with `{}`", vault.command(&format!("feed {words} {account}"))).into()
}

fn of_feed(error: &PublishError, vault: &VaultOption) -> Hint {
    match error {
        PublishError::Vault(error) => of_vault(error, vault),
        PublishError::NoAccount(_) => Some(format!("`{}` shows all accounts", vault.command("list")).into()),
        PublishError::NotEnabled(account) => Some(feed_command("publish it", "enable", account, vault)),
        PublishError::Files(_) => Some("make the folder feeds in the vault's folder writable for this user".into()),
        PublishError::Settings(_) => Some(
            "correct the file in the folder feeds/settings of the vault, or delete it and enable the feed again".into(),
        ),
        PublishError::Entropy(_) => None,
    }
}

/// The hint for this failure, or `None` if all that helps is to try again.
fn specific_hint(error: &CliError, vault: &VaultOption) -> Hint {
    let setup = vault.command("setup");
    let hint: Cow<'static, str> = match error {
        CliError::SecretArgument => PASS_ON_STDIN.into(),
        CliError::SecretFile { variable, .. } => {
            format!("set {variable} to a file that this user can read and that contains nothing but the secret").into()
        }
        CliError::NoVault => SELECT_VAULT.into(),
        CliError::SingleLayout | CliError::NoPacksInFolder => PACKED_STACK.into(),
        CliError::NoPublicUrl => {
            let stack = if vault.is_open() { ", or select the stack with --stack NAME" } else { "" };
            format!("pass the service's public URL with --public-url, or set EVERTOKEN_PUBLIC_URL{stack}").into()
        }
        CliError::Variable(error) => of_variable(error, vault),
        CliError::Entropy(_) => return None,
        CliError::Output(_) => "redirect standard output to a place that can be written to, with enough space".into(),
        CliError::PublicUrl(_) => HTTPS_URL.into(),
        CliError::OnceTooLong => "use a shorter --expires: Evertoken remembers for 30 days that a link was used".into(),
        CliError::NoLifetime => "use a longer --expires, for example 7d".into(),
        CliError::SigningSecretName => SECRET_NAME.into(),
        CliError::LongInvite => {
            "use a shorter --expires, or pass --yes: until then, whoever has the link can use it".into()
        }
        CliError::ReturnUrl(_) => RETURN_URLS.into(),
        CliError::NameIsAnotherId(_) => "choose another name: that one belongs to the account with this ID".into(),
        CliError::DurationTooLong(option) => format!("use a shorter {option}, for example 30d").into(),
        CliError::QrWithJson => "drop one of the two options".into(),
        CliError::ForceAllRemote => {
            "name the accounts, or drop --remote to refresh all of them from this machine".into()
        }
        CliError::DatesWithFacebook => "drop both: Facebook says when the token expires".into(),
        CliError::NotAVault(dir) => {
            let setup = VaultOption::local(dir).command("setup");
            format!("check the path of {}; `{setup}` creates a vault there", vault.folder_setting()).into()
        }
        CliError::Sandbox(error) => error.hint(),
        CliError::OpenVault(error) => of_vault_folder(error, vault),
        CliError::Vault(error) | CliError::Refresh(RunError(error)) => return of_vault(error, vault),
        CliError::UnknownAccount { suggestion, .. } => of_unknown_account(suggestion, vault),
        CliError::Stack(error) => return of_stack(error, vault),
        CliError::Tls(error) => of_tls(error),
        CliError::Aws(error) => of_connection(error, vault),
        CliError::ReadSecret { code, .. } => return of_aws(code, "secretsmanager:GetSecretValue", vault),
        CliError::WriteSecret { code, .. } => {
            return of_aws(code, "secretsmanager:PutSecretValue and secretsmanager:CreateSecret", vault);
        }
        CliError::NotInvoked { code, .. } => return Some(of_invocation(code, vault)),
        CliError::LambdaFailed { .. } => "see the log of the Lambda in CloudWatch".into(),
        CliError::UnexpectedResponse { .. } => {
            "check that the function belongs to a stack of the same version as this command".into()
        }
        CliError::NoFeeds(_) => FEED_ON.into(),
        CliError::Feed(error) => return of_feed(error, vault),
        CliError::FeedSettings { account, .. } => feed_command("replace them", "enable --reset", account, vault),
        CliError::Credentials(error) => of_credentials(error, vault),
        CliError::App { .. } => format!("store them again with `{setup}`").into(),
        CliError::SigningKey(_) => {
            "restore the file from a backup, or delete it to create a new key; existing invite links then stop working"
                .into()
        }
        CliError::ReadFile { source, .. } => of_reading(source).into(),
        CliError::WriteFile { source, .. } => of_writing(source).into(),
        CliError::FileExists(_) => "name another file, or move this one away: nothing is overwritten".into(),
        CliError::OutputExists(_) => "pass --force to overwrite it, or name another file".into(),
        CliError::ReadTerminal(_) => "pipe the input into the command instead".into(),
        CliError::ReadInput { .. } => "pass it as UTF-8 text".into(),
        CliError::EmptyInput(what) => format!("paste or pipe the {what}; never put it on the command line").into(),
        CliError::NotRefreshed { name, provider, reason, .. } => {
            let invite = vault.invite_command(name, *provider);
            format!("{reason} For a link to log in again, run `{invite}`.").into()
        }
        CliError::LifetimeLimit { .. } => {
            "a token lives for 60 days and can be refreshed once it is 24 hours old; use a shorter --min-life".into()
        }
        CliError::RemovalDeclined => "answer y, or pass --yes".into(),
        CliError::RemovalUnanswered => "pass --yes to remove the account without a question".into(),
        CliError::ExportToTerminal => "pass the path of a file that does not exist yet".into(),
        CliError::ImportFile { reason, .. } => reason.hint().into(),
        CliError::ClientFile { reason, .. } => reason.hint().into(),
        CliError::NotImported { reason, .. } => {
            return match reason.as_ref() {
                ImportError::Vault(error) => of_vault(error, vault),
                other => other.hint(vault),
            };
        }
        CliError::SettingsFile { .. } => format!("run `{setup}`, which writes it again, or correct it").into(),
        CliError::Setup(error) => error.hint(&setup),
        CliError::QrTooLong => "use a shorter --note".into(),
        CliError::Listen { source, .. } => of_listen(source.kind()).into(),
        CliError::TlsFile { option, .. } => format!("set {option} to a PEM file that this user can read").into(),
        CliError::LogoFile { .. } | CliError::Logo { .. } => LOGO.into(),
        CliError::Certificate(_) => PEM_FILES.into(),
        CliError::CreateCertificate(_) => "pass a certificate of your own with --tls-cert and --tls-key".into(),
        CliError::Serve(_) | CliError::Signals(_) => "start the service again".into(),
        CliError::TemporaryFolder(_) => "name a folder with --local DIR".into(),
        CliError::Json(_) | CliError::Simulation(_) | CliError::Report(_) | CliError::Panic(_) => {
            "report this as a bug, with the lines above".into()
        }
    };
    Some(hint)
}

fn of_variable(error: &VariableError, vault: &VaultOption) -> Cow<'static, str> {
    match error {
        VariableError::Missing { name: "EVERTOKEN_VAULT_PREFIX", .. } => SELECT_VAULT.into(),
        VariableError::Missing { name, .. } if vault.is_open() => {
            format!("set {name} in the environment, or select a vault with --local DIR or --stack NAME").into()
        }
        VariableError::Missing { name, .. }
        | VariableError::Invalid { name, .. }
        | VariableError::InvalidSecret { name, .. } => format!(
            "set {name} in the environment; docs/interfaces.md and docs/single-machine.md describe all variables"
        )
        .into(),
    }
}

fn of_unknown_account(suggestion: &Suggestion, vault: &VaultOption) -> Cow<'static, str> {
    let list = vault.command("list");
    match suggestion {
        Suggestion::Similar(name) => format!("did you mean {name}? `{list}` shows all accounts").into(),
        Suggestion::FirstInvite => {
            format!("no account is connected yet: create a link with `{}`", vault.command("invite")).into()
        }
        Suggestion::List => format!("`{list}` shows all accounts").into(),
    }
}

fn of_vault_folder(error: &OpenError, vault: &VaultOption) -> Cow<'static, str> {
    if let Some(problem) = error.problem() {
        return of_unsafe(problem).into();
    }
    match error.kind() {
        ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem => VAULT_FILES.into(),
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded | ErrorKind::FileTooLarge => DISK_FULL.into(),
        ErrorKind::ResourceBusy => VAULT_LOCKED.into(),
        _ => format!("set {} to a folder", vault.folder_setting()).into(),
    }
}

fn of_reading(error: &io::Error) -> &'static str {
    Problem::of(error).map_or("name a file that exists and that this user can read", of_unsafe)
}

fn of_writing(error: &io::Error) -> &'static str {
    if let Some(problem) = Problem::of(error) {
        return of_unsafe(problem);
    }
    match error.kind() {
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded | ErrorKind::FileTooLarge => {
            "free up disk space and try again"
        }
        _ => "name a file in a folder that exists and that this user can write to",
    }
}

/// What to do about a file or folder that is not used because of its type, owner or mode.
fn of_unsafe(problem: Problem) -> &'static str {
    match problem {
        Problem::Mode(_) => {
            "make it private with `chmod 600`, and replace the secret in it if somebody may have read it"
        }
        Problem::Owner(_) => {
            "run as that user, or make the vault's owner its owner with `chown` if you trust what is in it"
        }
        Problem::Link | Problem::NotAFile | Problem::HardLinks => {
            "replace it with a regular file of this user's; links are not followed here"
        }
        Problem::NotAFolder => "replace it with a folder of this user's; links are not followed here",
    }
}

fn of_vault(error: &VaultError, vault: &VaultOption) -> Hint {
    let hint = match error {
        VaultError::Conflict => "run the command again: it starts from the current document",
        VaultError::Unreadable(reason) => return Some(of_unreadable(reason, vault)),
        VaultError::Denied { cause: DenialCause::PermissionMissing, .. } => {
            "grant these AWS credentials secretsmanager:ListSecrets and BatchGetSecretValue to read all accounts, \
             GetSecretValue to read one, PutSecretValue to refresh, DeleteSecret to remove"
        }
        VaultError::Denied { cause, .. } => return of_denial(*cause, vault),
        VaultError::Unavailable { cause, .. } => of_outage(*cause)?,
    };
    Some(hint.into())
}

/// What to do about a value that cannot be read. It is to be removed only if it is not a document.
fn of_unreadable(reason: &DocumentError, vault: &VaultOption) -> Cow<'static, str> {
    match reason {
        DocumentError::Withheld { .. } => {
            "nothing is lost: check the permission to read this secret, and that its KMS key is enabled".into()
        }
        DocumentError::UnknownSchema { .. } => {
            "nothing is lost: use the version of Evertoken that wrote it, or a later one".into()
        }
        DocumentError::Misnamed => "give it the name of its account, or delete it if it is not an account".into(),
        DocumentError::InPack { .. } => {
            let reindex = vault.command("reindex");
            format!(
                "nothing is overwritten: see \"When something is wrong\" in docs/many-accounts.md; `{reindex}` brings the \
                 index up to date"
            )
            .into()
        }
        DocumentError::NotJson
        | DocumentError::Foreign
        | DocumentError::Field { .. }
        | DocumentError::OtherName { .. } => {
            "restore the document from its previous version, or remove it and connect the account again".into()
        }
    }
}

fn of_denial(cause: DenialCause, vault: &VaultOption) -> Hint {
    match cause {
        DenialCause::NoCredentials => Some(aws_credentials(vault)),
        DenialCause::CredentialsRejected => Some(AWS_SIGN_IN.into()),
        DenialCause::FilePermission => Some(VAULT_FILES.into()),
        DenialCause::UnsafeFile => Some(UNSAFE_DOCUMENT.into()),
        // Depends on what was denied.
        DenialCause::PermissionMissing => None,
    }
}

/// Without an option or a variable, the person may not want AWS at all.
fn aws_credentials(vault: &VaultOption) -> Cow<'static, str> {
    if vault.is_open() { format!("{AWS_CREDENTIALS}; {OR_FILE_VAULT}").into() } else { AWS_CREDENTIALS.into() }
}

fn of_outage(cause: OutageCause) -> Option<&'static str> {
    match cause {
        OutageCause::Network => Some(AWS_NETWORK),
        OutageCause::Endpoint => Some(AWS_REGION),
        OutageCause::Throttled => Some("wait a minute and try again"),
        OutageCause::StorageFull => Some(DISK_FULL),
        OutageCause::Locked => Some(VAULT_LOCKED),
        OutageCause::BeingDeleted => {
            Some("AWS is still deleting the account's previous secret; wait two minutes and try again")
        }
        OutageCause::Other => None,
    }
}

fn of_aws(code: &AwsErrorCode, permission: &str, vault: &VaultOption) -> Hint {
    match code.denial() {
        Some(DenialCause::PermissionMissing) => Some(format!("grant these AWS credentials {permission}").into()),
        Some(cause) => of_denial(cause, vault),
        None => of_outage(code.outage()).map(Cow::Borrowed),
    }
}

fn of_connection(error: &AwsError, vault: &VaultOption) -> Cow<'static, str> {
    match error {
        AwsError::Tls(error) => of_tls(error),
        AwsError::NoRegion => {
            "set AWS_REGION to the region of the stack, for example us-east-1, or `region` in your AWS profile".into()
        }
        AwsError::NoCredentials => aws_credentials(vault),
        AwsError::UnknownProfile(_) => {
            "set AWS_PROFILE to one of the profiles that `aws configure list-profiles` prints".into()
        }
        AwsError::BrokenCredentials { from, .. } => of_broken_credentials(from),
    }
}

fn of_broken_credentials(from: &CredentialSource) -> Cow<'static, str> {
    match from {
        CredentialSource::Profile { name, sign_in } => match sign_in {
            SignIn::IdentityCenter(profile) => format!("sign in again: `aws sso login --profile {profile}`").into(),
            SignIn::Console(profile) => format!("sign in again: `aws login --profile {profile}`").into(),
            SignIn::Process => {
                "run the profile's credential_process in your shell: it has to print credentials as JSON".into()
            }
            SignIn::Other => format!("check the profile: `aws sts get-caller-identity --profile {name}`").into(),
        },
        CredentialSource::UnknownProfile(_) => "check ~/.aws/config and ~/.aws/credentials".into(),
        CredentialSource::WebIdentity => {
            "check AWS_ROLE_ARN, the token in AWS_WEB_IDENTITY_TOKEN_FILE, and the role's trust policy".into()
        }
        CredentialSource::Machine => "check the role of this container or instance, or set AWS_PROFILE".into(),
    }
}

fn of_tls(error: &TlsError) -> Cow<'static, str> {
    match error {
        TlsError::Unreadable { variable, .. } => {
            format!("set {variable} to a file or folder that this user can read, or unset it").into()
        }
        TlsError::Unusable => ROOT_CERTIFICATES.into(),
    }
}

fn of_stack(error: &StackError, vault: &VaultOption) -> Hint {
    match error {
        StackError::NotFound(_) => {
            let or_file_vault = if vault.is_open() { format!(", {OR_FILE_VAULT}") } else { String::new() };
            Some(format!("select your stack with --stack NAME and its region with AWS_REGION{or_file_vault}").into())
        }
        StackError::Incomplete { .. } => Some("deploy the template of this version: `sam build && sam deploy`".into()),
        StackError::Aws(error) => Some(of_connection(error, vault)),
        StackError::Unavailable { code, .. } => {
            of_aws(code, "cloudformation:DescribeStacks and cloudformation:ListStackResources", vault)
        }
    }
}

fn of_invocation(code: &AwsErrorCode, vault: &VaultOption) -> Cow<'static, str> {
    if code.is_not_found() {
        return "name the Lambda with --function, its stack with --stack, or its region with AWS_REGION".into();
    }
    of_aws(code, "lambda:InvokeFunction", vault)
        .unwrap_or_else(|| "try again, or refresh from this machine without --remote".into())
}

fn of_credentials(error: &CredentialsError, vault: &VaultOption) -> Cow<'static, str> {
    match error {
        CredentialsError::App { .. } => format!("store the app's credentials with `{}`", vault.command("setup")).into(),
        CredentialsError::SigningKeys { .. } => {
            "store at least 32 random characters there; existing invite links then stop working".into()
        }
        CredentialsError::Unavailable { .. } => {
            "check the AWS credentials, the region and the permission secretsmanager:GetSecretValue".into()
        }
    }
}

fn of_listen(kind: ErrorKind) -> &'static str {
    match kind {
        ErrorKind::AddrInUse => "another process uses the port: choose another one with --port",
        ErrorKind::PermissionDenied => "ports below 1024 need extra privileges: choose another one with --port",
        _ => "choose another port with --port, or another address with --address",
    }
}
