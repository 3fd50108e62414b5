//! All messages and hints in one snapshot, for review.

use std::collections::HashSet;
use std::fmt::Write;
use std::io::{Error as IoError, ErrorKind};
use std::mem::discriminant;
use std::path::{Path, PathBuf};

use evertoken_aws::AwsErrorCode;
use evertoken_callback::InvalidLogo;
use evertoken_core::account::AccountName;
use evertoken_core::app::InvalidApp;
use evertoken_core::credentials::CredentialsError;
use evertoken_core::document::{DocumentError, ProviderName};
use evertoken_core::entropy::EntropyError;
use evertoken_core::provider_error::{ProviderError, ProviderErrorKind};
use evertoken_core::refresh::RunError;
use evertoken_core::variables::VariableError;
use evertoken_core::vault::{DenialCause, OutageCause, VaultError};
use evertoken_feed::files::FilesError;
use evertoken_feed::publisher::PublishError;
use evertoken_file_vault::FileVault;
use evertoken_https::TlsError;
use evertoken_simulation::SimulationError;
use time::macros::date;

use super::{CliError, Suggestion, hint};
use crate::aws::aws_error::AwsError;
use crate::aws::credential_source::{CredentialSource, SignIn};
use crate::aws::stack_error::StackError;
use crate::commands::import::import_error::ImportError;
use crate::commands::setup::answers_error::AnswersError;
use crate::commands::setup::invalid_answer::InvalidAnswer;
use crate::commands::setup::setup_error::SetupError;
use crate::credentials::token_kind::TokenKind;
use crate::exit_status::ExitStatus;
use crate::sandbox_vault::sandbox_error::SandboxError;
use crate::vault::vault_option::{VaultOption, VaultSource};
use evertoken_import::client_file::ClientFileError;
use evertoken_import::file_error::{FileError, RowError};

#[test]
fn every_error_message() {
    let errors = errors();
    let mut text = String::new();
    for error in &errors {
        let status = match error.exit_status() {
            ExitStatus::Usage => " (exit status 2)",
            _ => "",
        };
        writeln!(text, "error: {error}{status}").unwrap();
        let vault = VaultOption::default().selected_by(VaultSource::Nothing);
        writeln!(text, "hint: {}", hint(error, &vault)).unwrap();
        text.push('\n');
    }
    insta::assert_snapshot!(text);
}

#[test]
fn a_hint_names_commands_for_the_same_vault() {
    let vault = VaultOption::local(Path::new("my vault"));
    let import = |reason| CliError::NotImported { name: name(), reason: Box::new(reason) };
    let unknown = CliError::UnknownAccount { name: name(), suggestion: Suggestion::FirstInvite };
    for (error, command) in [
        (unknown, "`evertoken invite --local 'my vault'`"),
        (CliError::Setup(SetupError::Interrupted), "`evertoken setup --local 'my vault'`"),
        (
            CliError::NotRefreshed {
                name: name(),
                provider: ProviderName::Instagram,
                days: Some(3),
                reason: String::new(),
            },
            "`evertoken invite --name shop-de --local 'my vault'`",
        ),
        (
            CliError::NotRefreshed {
                name: name(),
                provider: ProviderName::Facebook,
                days: Some(3),
                reason: String::new(),
            },
            "`evertoken invite --name shop-de --provider facebook --local 'my vault'`",
        ),
        (import(ImportError::PersonsToken), "`evertoken invite --provider facebook --local 'my vault'`"),
        (import(ImportError::WrongKind(TokenKind::BasicDisplay)), "`evertoken invite --local 'my vault'`"),
        (
            CliError::Vault(VaultError::Unreadable(DocumentError::InPack { problem: String::new() })),
            "`evertoken reindex --local 'my vault'`",
        ),
    ] {
        let hint = hint(&error, &vault);
        assert!(hint.contains(command), "{hint}");
    }
}

#[test]
fn the_snapshot_contains_every_variant() {
    let variants = include_str!("cli_error.rs").matches("    #[error(").count();
    let shown: HashSet<_> = errors().iter().map(discriminant).collect();
    assert_eq!(shown.len(), variants);
}

/// Errors that concern one row of an imported file, or one value in the vault. The command reports them and continues.
#[test]
fn every_reason_to_leave_out_a_row_or_a_value() {
    let rows = rows();
    let values = values();
    let text: Vec<_> = rows.iter().map(ToString::to_string).chain(values.iter().map(ToString::to_string)).collect();
    insta::assert_snapshot!(text.join("\n"));

    let source = include_str!("../../../import/src/file_error.rs");
    let (_, row_error) = source.split_once("enum RowError").unwrap();
    let shown: HashSet<_> = rows.iter().map(discriminant).collect();
    // The variant `Document` stands for `values`.
    assert_eq!(shown.len() + 1, row_error.matches("    #[error(").count());
}

#[test]
fn a_closed_pipe_is_not_a_failure() {
    let closed = CliError::Output(ErrorKind::BrokenPipe.into());
    assert_eq!(closed.exit_status(), ExitStatus::Ok);
}

fn io(kind: ErrorKind) -> IoError {
    kind.into()
}

fn name() -> AccountName {
    "shop-de".parse().unwrap()
}

/// Codes can only be made from errors of the SDK.
fn code(code: &str) -> AwsErrorCode {
    AwsErrorCode::new(code)
}

fn errors() -> Vec<CliError> {
    [usage(), vaults(), aws(), credentials(), files(), commands(), servers()].into_iter().flatten().collect()
}

fn rows() -> Vec<RowError> {
    vec![
        RowError::DuplicateName,
        RowError::Name("My Shop".parse::<AccountName>().unwrap_err()),
        RowError::TokenAsName,
        RowError::NoToken,
        RowError::NotADate("expires_at"),
        RowError::ImplausibleDate { field: "expires_at", date: date!(2062 - 11 - 22) },
        RowError::NotAnObject,
        RowError::WithoutToken,
    ]
}

fn values() -> Vec<DocumentError> {
    vec![
        DocumentError::NotJson,
        DocumentError::Foreign,
        DocumentError::UnknownSchema { found: "2".to_owned() },
        DocumentError::Field { path: "health.state".to_owned() },
        DocumentError::OtherName { found: name() },
        DocumentError::Misnamed,
        DocumentError::Withheld { code: "DecryptionFailure".to_owned() },
    ]
}

fn usage() -> Vec<CliError> {
    vec![
        CliError::SecretArgument,
        CliError::SecretFile {
            variable: "EVERTOKEN_APP_SECRET_FILE",
            path: "/run/secrets/app".to_owned(),
            source: io(ErrorKind::NotFound),
        },
        CliError::Variable(VariableError::Missing { name: "EVERTOKEN_PUBLIC_URL", expected: "the public base URL" }),
        CliError::Variable(VariableError::Invalid {
            name: "EVERTOKEN_REFRESH_AFTER_DAYS",
            value: "soon".to_owned(),
            expected: "a number of days from 1 to 50",
        }),
        CliError::Variable(VariableError::InvalidSecret {
            name: "EVERTOKEN_WEBHOOK_SECRET",
            expected: "at least 32 characters",
        }),
        CliError::NoVault,
        CliError::SingleLayout,
        CliError::NoPacksInFolder,
        CliError::NoPublicUrl,
        CliError::PublicUrl("http://connect.example.com".to_owned()),
        CliError::OnceTooLong,
        CliError::NoLifetime,
        CliError::SigningSecretName,
        CliError::LongInvite,
        CliError::ReturnUrl("https://shop.example.com/admin".parse().unwrap()),
        CliError::NameIsAnotherId("17841405793187218".parse().unwrap()),
        CliError::DurationTooLong("--expires"),
        CliError::QrWithJson,
        CliError::ForceAllRemote,
        CliError::DatesWithFacebook,
    ]
}

fn vaults() -> Vec<CliError> {
    let denied = |cause, code: &str| CliError::Vault(VaultError::Denied { cause, code: code.to_owned() });
    let unavailable = |cause, code: &str| VaultError::Unavailable { cause, code: code.to_owned() };
    // Relative, so that the message is the same everywhere.
    let not_a_folder = FileVault::open("Cargo.toml").unwrap_err();
    let unknown = |suggestion| CliError::UnknownAccount { name: name(), suggestion };
    vec![
        CliError::Sandbox(SandboxError::OfSandbox("vault".into())),
        CliError::Sandbox(SandboxError::OfInstagram("vault".into())),
        CliError::Sandbox(SandboxError::Stopped("my vault".into())),
        CliError::Sandbox(SandboxError::Running("vault".into())),
        CliError::Sandbox(SandboxError::File { path: "vault/sandbox.json".into(), reason: "expected JSON" }),
        CliError::NotAVault("data".into()),
        CliError::OpenVault(not_a_folder),
        CliError::Vault(VaultError::Conflict),
        CliError::Vault(VaultError::Unreadable(DocumentError::NotJson)),
        CliError::Vault(VaultError::Unreadable(DocumentError::Withheld { code: "DecryptionFailure".to_owned() })),
        CliError::Vault(VaultError::Unreadable(DocumentError::UnknownSchema { found: "2".to_owned() })),
        CliError::Vault(VaultError::Unreadable(DocumentError::Misnamed)),
        CliError::Vault(VaultError::Unreadable(DocumentError::InPack { problem: "the pack is closed".to_owned() })),
        denied(DenialCause::NoCredentials, "no AWS credentials"),
        denied(DenialCause::CredentialsRejected, "ExpiredToken"),
        denied(DenialCause::PermissionMissing, "AccessDeniedException"),
        denied(DenialCause::FilePermission, "permission denied"),
        denied(DenialCause::UnsafeFile, "shop-de.json: a symbolic link"),
        CliError::Vault(unavailable(OutageCause::Network, "timeout")),
        CliError::Vault(unavailable(OutageCause::Endpoint, "no AWS region or invalid endpoint")),
        CliError::Vault(unavailable(OutageCause::Throttled, "ThrottlingException")),
        CliError::Vault(unavailable(OutageCause::StorageFull, "no storage space")),
        CliError::Vault(unavailable(OutageCause::Locked, "resource busy")),
        CliError::Vault(unavailable(OutageCause::BeingDeleted, "InvalidRequestException")),
        CliError::Vault(unavailable(OutageCause::Other, "InternalServiceError")),
        CliError::Refresh(RunError(unavailable(OutageCause::Network, "connection"))),
        unknown(Suggestion::Similar("shop-fr".to_owned())),
        unknown(Suggestion::FirstInvite),
        unknown(Suggestion::List),
    ]
}

fn aws() -> Vec<CliError> {
    let profile = |sign_in| CredentialSource::Profile { name: "shop".to_owned(), sign_in };
    let broken = |from, cause: &str| CliError::Aws(AwsError::BrokenCredentials { from, cause: cause.to_owned() });
    let invoke = |word: &str| CliError::NotInvoked { function: "refresh".to_owned(), code: code(word) };
    vec![
        CliError::Stack(StackError::NotFound("evertoken".to_owned())),
        CliError::Stack(StackError::Incomplete { stack: "evertoken".to_owned(), part: "VaultPrefix".to_owned() }),
        CliError::Stack(StackError::Aws(AwsError::NoRegion)),
        CliError::Stack(StackError::Unavailable { stack: "evertoken".to_owned(), code: code("AccessDenied") }),
        CliError::Aws(AwsError::Tls(TlsError::Unusable)),
        CliError::Aws(AwsError::NoCredentials),
        CliError::Aws(AwsError::UnknownProfile("shop".to_owned())),
        broken(profile(SignIn::IdentityCenter("shop".to_owned())), "the SSO token has expired and cannot be refreshed"),
        broken(profile(SignIn::Console("base".to_owned())), "failed to refresh cached Login token"),
        broken(profile(SignIn::Process), "external process exited with code exit status: 1. Stderr: no such vault"),
        broken(profile(SignIn::Other), "profile `base` was not defined"),
        broken(CredentialSource::WebIdentity, "InvalidIdentityToken: no OpenIDConnect provider found"),
        broken(CredentialSource::Machine, "timeout"),
        CliError::Tls(TlsError::Unusable),
        CliError::Tls(TlsError::Unreadable { variable: "SSL_CERT_FILE", path: "/nowhere.pem".to_owned() }),
        CliError::ReadSecret { secret: "evertoken/app".to_owned(), code: code("AccessDeniedException") },
        CliError::WriteSecret { secret: "evertoken/app".to_owned(), code: code("ExpiredTokenException") },
        invoke("ResourceNotFoundException"),
        invoke("AccessDeniedException"),
        invoke("connection"),
        invoke("ServiceException"),
        CliError::LambdaFailed { function: "refresh".to_owned(), reason: "no account could be checked".to_owned() },
        CliError::UnexpectedResponse { function: "refresh".to_owned(), expected: "report of a refresh" },
        CliError::NoFeeds("evertoken".to_owned()),
    ]
}

fn credentials() -> Vec<CliError> {
    let secret = || "evertoken/app".to_owned();
    let rejected = |login| {
        let error = ProviderError::new(ProviderErrorKind::WrongAppCredentials);
        CliError::Setup(SetupError::CredentialsRejected(login, error))
    };
    vec![
        CliError::Credentials(CredentialsError::App { secret: secret(), reason: InvalidApp::Unfilled }),
        CliError::Credentials(CredentialsError::SigningKeys { secret: "evertoken/signing".to_owned() }),
        CliError::Credentials(CredentialsError::Unavailable { secret: secret(), code: "timeout".to_owned() }),
        CliError::App { location: "vault/app.json".to_owned(), reason: InvalidApp::Shape },
        CliError::SigningKey("vault/signing-key".into()),
        CliError::Setup(SetupError::InvalidCredentials(InvalidApp::Id)),
        rejected(ProviderName::Instagram),
        rejected(ProviderName::Facebook),
        CliError::Setup(SetupError::InvalidCredentials(InvalidApp::MetaId)),
        CliError::Setup(SetupError::NoCredentialsAccepted(ProviderName::Instagram)),
        CliError::Setup(SetupError::NoCredentialsAccepted(ProviderName::Facebook)),
    ]
}

fn files() -> Vec<CliError> {
    let path = || PathBuf::from("accounts.json");
    vec![
        CliError::ReadFile { path: path(), source: io(ErrorKind::NotFound) },
        CliError::WriteFile { path: path(), source: io(ErrorKind::NotFound) },
        CliError::WriteFile { path: path(), source: io(ErrorKind::StorageFull) },
        CliError::FileExists(path()),
        CliError::ReadTerminal(io(ErrorKind::Other)),
        CliError::ReadInput { what: "token", source: io(ErrorKind::InvalidData) },
        CliError::EmptyInput("token"),
        CliError::Output(io(ErrorKind::StorageFull)),
        CliError::Json(serde_json::from_str::<u8>("").unwrap_err()),
    ]
}

fn commands() -> Vec<CliError> {
    let import = |reason| CliError::NotImported { name: name(), reason: Box::new(reason) };
    let clients = |reason| CliError::ClientFile { file: "clients.csv".into(), reason };
    let file = |reason| CliError::ImportFile { file: "accounts.csv".into(), reason };
    let answers = |reason| CliError::Setup(SetupError::Answers { file: "answers.json".into(), reason });
    let username = || "blue_bottle".to_owned();
    vec![
        CliError::NotRefreshed {
            name: name(),
            provider: ProviderName::Instagram,
            days: Some(3),
            reason: "The password was changed.".to_owned(),
        },
        CliError::NotRefreshed {
            name: name(),
            provider: ProviderName::Facebook,
            days: None,
            reason: "The password was changed.".to_owned(),
        },
        CliError::LifetimeLimit { name: name(), days: 59 },
        CliError::RemovalDeclined,
        CliError::RemovalUnanswered,
        CliError::ExportToTerminal,
        import(ImportError::WrongKind(TokenKind::FacebookLogin)),
        import(ImportError::WrongKind(TokenKind::BasicDisplay)),
        import(ImportError::Instagram(ProviderError::new(ProviderErrorKind::Unreachable))),
        import(ImportError::Personal(username())),
        import(ImportError::ShortLived { username: username(), has_app: false }),
        import(ImportError::ShortLived { username: username(), has_app: true }),
        import(ImportError::Expired),
        import(ImportError::NameIsAnotherId("17841405793187218".parse().unwrap())),
        import(ImportError::NameTaken { name: name(), present: "cafe".to_owned(), username: username() }),
        import(ImportError::NewerToken),
        import(ImportError::PersonsToken),
        import(ImportError::NeitherPageNorSystemUser),
        import(ImportError::SeveralAccounts("@shop (17841405793187218), @cafe (17841405793187219)".to_owned())),
        import(ImportError::NotAmongAccounts("@cafe (17841405793187219)".to_owned())),
        import(ImportError::OtherAccount { username: username(), id: "17841405793187218".parse().unwrap() }),
        import(ImportError::Vault(VaultError::Conflict)),
        file(FileError::Empty),
        file(FileError::Encoding),
        file(FileError::Header),
        file(FileError::MissingColumns),
        file(FileError::Csv(12)),
        file(FileError::Json),
        file(FileError::NoAccounts),
        file(FileError::NotAList),
        clients(ClientFileError::Empty),
        clients(ClientFileError::Encoding),
        clients(ClientFileError::NoNames),
        clients(ClientFileError::UnknownColumn("acounts".to_owned())),
        clients(ClientFileError::Csv(12)),
        clients(ClientFileError::Rows("\n  line 3: an earlier line has the same name".to_owned())),
        answers(AnswersError::NotAnObject),
        answers(AnswersError::UnknownKey("secret".to_owned())),
        answers(AnswersError::NotAString("app_secret")),
        answers(AnswersError::Missing("app_secret")),
        answers(AnswersError::Invalid(InvalidAnswer { field: "app_id", reason: "it is empty" })),
        CliError::Setup(SetupError::Answer(InvalidAnswer { field: "app_id", reason: "it is empty" })),
        CliError::SettingsFile { path: "vault/settings.json".into(), reason: "expected a JSON object" },
        CliError::Setup(SetupError::Interrupted),
        CliError::QrTooLong,
        CliError::Feed(PublishError::NotEnabled(name())),
        CliError::Feed(PublishError::NoAccount(name())),
        CliError::Feed(PublishError::Files(FilesError::Denied { code: "PermissionDenied".to_owned() })),
        CliError::FeedSettings {
            account: name(),
            reason: "posts: 0 is not a valid number of posts: use 1 to 100".to_owned(),
        },
        CliError::OutputExists("year.html".into()),
        CliError::Report(askama::Error::Fmt),
        CliError::Simulation(SimulationError::Vault(VaultError::Conflict)),
    ]
}

fn servers() -> Vec<CliError> {
    let listen = |kind| CliError::Listen { address: [127, 0, 0, 1].into(), port: 443, source: io(kind) };
    vec![
        listen(ErrorKind::AddrInUse),
        listen(ErrorKind::PermissionDenied),
        listen(ErrorKind::AddrNotAvailable),
        CliError::TlsFile { option: "--tls-cert", path: "fullchain.pem".into(), source: io(ErrorKind::NotFound) },
        CliError::LogoFile { path: "logo.png".into(), source: io(ErrorKind::NotFound) },
        CliError::Logo { path: "logo.gif".into(), reason: InvalidLogo::Format },
        CliError::Logo { path: "poster.png".into(), reason: InvalidLogo::TooLarge },
        CliError::Certificate("the file contains no private key"),
        CliError::CreateCertificate(rcgen::Error::KeyGenerationUnavailable),
        CliError::Serve(io(ErrorKind::ConnectionReset)),
        CliError::Signals(io(ErrorKind::Other)),
        CliError::TemporaryFolder(io(ErrorKind::PermissionDenied)),
        CliError::Entropy(EntropyError),
        CliError::Panic("the refresh loop"),
    ]
}
