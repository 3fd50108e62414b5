//! The mapping of codes to kinds.

use super::*;

fn graph(code: i64, subcode: i64) -> GraphError {
    GraphError { code, subcode: Some(subcode), ..GraphError::default() }
}

#[test]
fn codes_map_to_kinds() {
    let blocked = GraphError { transient: Some(false), ..graph(4, 2_207_051) };
    let passing = GraphError { transient: Some(true), ..graph(190, 0) };
    let tester = GraphError { unsupported: true, ..graph(100, 0) };
    let checkpoint = GraphError { checkpoint: true, ..graph(190, 0) };
    let table = [
        (graph(1, 0), ErrorCategory::Transient),
        (graph(2, 0), ErrorCategory::Transient),
        (graph(3, 0), ErrorCategory::SetUp),
        (graph(4, 0), ErrorCategory::Throttled),
        (blocked, ErrorCategory::Attention),
        (graph(10, 0), ErrorCategory::LoginRequired),
        (graph(17, 0), ErrorCategory::Throttled),
        (graph(32, 0), ErrorCategory::Throttled),
        (graph(100, 33), ErrorCategory::SetUp),
        (tester, ErrorCategory::SetUp),
        (graph(102, 0), ErrorCategory::LoginRequired),
        (graph(190, 0), ErrorCategory::LoginRequired),
        (checkpoint, ErrorCategory::Attention),
        (passing, ErrorCategory::Transient),
        (graph(190, 458), ErrorCategory::LoginRequired),
        (graph(190, 459), ErrorCategory::Attention),
        (graph(190, 460), ErrorCategory::LoginRequired),
        (graph(190, 463), ErrorCategory::LoginRequired),
        (graph(190, 464), ErrorCategory::Attention),
        (graph(190, 467), ErrorCategory::LoginRequired),
        (graph(190, 490), ErrorCategory::Attention),
        (graph(230, 0), ErrorCategory::LoginRequired),
        (graph(341, 0), ErrorCategory::Throttled),
        (graph(368, 0), ErrorCategory::Throttled),
        (graph(613, 1996), ErrorCategory::Throttled),
        (graph(2500, 0), ErrorCategory::SetUp),
        (graph(80_002, 0), ErrorCategory::Throttled),
        (graph(99_999, 0), ErrorCategory::Unknown),
    ];
    for (error, kind) in table {
        assert_eq!(ProviderErrorKind::from_graph(error).category(), kind, "{error:?}");
    }
}

#[test]
fn a_code_tells_whether_the_app_or_the_account_is_limited() {
    let odd_volume = GraphError { transient: Some(true), ..graph(4, 1_349_210) };
    let downtime = GraphError { transient: Some(true), ..graph(341, 0) };
    for of_the_app in [graph(4, 0), odd_volume, downtime] {
        assert_eq!(ProviderErrorKind::from_graph(of_the_app).retry(), Retry::PauseRun, "{of_the_app:?}");
    }
    for code in [17, 32, 613, 80_000, 80_001, 80_002, 80_006, 80_099] {
        assert_eq!(ProviderErrorKind::from_graph(graph(code, 0)).retry(), Retry::WhenTold, "{code}");
    }
    for other in [79_999, 80_100] {
        assert_eq!(ProviderErrorKind::from_graph(graph(other, 0)), ProviderErrorKind::Unclassified, "{other}");
    }
}

#[test]
fn subcode_and_flags_distinguish_errors_with_the_same_code() {
    let flagged =
        |code, transient, unsupported, checkpoint| GraphError { transient, unsupported, checkpoint, ..graph(code, 0) };
    let table = [
        (graph(4, 2_207_051), ProviderErrorKind::ActionBlocked),
        (GraphError { transient: Some(true), ..graph(4, 2_207_051) }, ProviderErrorKind::AppRateLimited),
        (graph(3, 0), ProviderErrorKind::CapabilityMissing),
        (graph(10, 0), ProviderErrorKind::PermissionMissing),
        (graph(199, 0), ProviderErrorKind::Unclassified),
        (graph(200, 0), ProviderErrorKind::PermissionMissing),
        (graph(299, 0), ProviderErrorKind::PermissionMissing),
        (graph(300, 0), ProviderErrorKind::Unclassified),
        (graph(100, 0), ProviderErrorKind::RequestRefused),
        (graph(2500, 0), ProviderErrorKind::RequestRefused),
        (flagged(100, None, true, false), ProviderErrorKind::TesterNotAccepted),
        (flagged(190, None, true, false), ProviderErrorKind::TokenInvalid),
        (flagged(190, None, false, true), ProviderErrorKind::Checkpoint),
        (GraphError { checkpoint: true, ..graph(190, 463) }, ProviderErrorKind::Expired),
        (flagged(190, Some(true), false, false), ProviderErrorKind::Unavailable),
        (flagged(100, Some(false), false, false), ProviderErrorKind::RequestRefused),
        (graph(190, 458), ProviderErrorKind::AppRemoved),
        (graph(190, 460), ProviderErrorKind::PasswordChanged),
        (graph(190, 461), ProviderErrorKind::AppRemoved),
        (graph(190, 464), ProviderErrorKind::Unconfirmed),
        (graph(190, 490), ProviderErrorKind::Checkpoint),
        (graph(102, 463), ProviderErrorKind::Expired),
        (graph(190, 1), ProviderErrorKind::TokenInvalid),
        (graph(368, 0), ProviderErrorKind::PolicyBlock),
        (graph(1, 0), ProviderErrorKind::Unavailable),
        (graph(506, 0), ProviderErrorKind::Unclassified),
        (graph(-1, 0), ProviderErrorKind::Unclassified),
    ];
    for (error, problem) in table {
        assert_eq!(ProviderErrorKind::from_graph(error), problem, "{error:?}");
    }
    assert_eq!(
        ProviderErrorKind::from_graph(GraphError { code: 190, ..GraphError::default() }),
        ProviderErrorKind::TokenInvalid
    );
}

#[test]
fn only_definite_errors_reject_the_token() {
    let table = [
        (ProviderErrorKind::Expired, true),
        (ProviderErrorKind::Checkpoint, true),
        (ProviderErrorKind::TesterNotAccepted, false),
        (ProviderErrorKind::Unreachable, false),
        (ProviderErrorKind::AppRateLimited, false),
        (ProviderErrorKind::Unclassified, false),
    ];
    for (problem, definite) in table {
        assert_eq!(ProviderError::new(problem).rejects_token(), definite, "{problem:?}");
    }
}

#[test]
fn the_message_is_cause_and_remedy() {
    let failure = ProviderError::new(ProviderErrorKind::Expired);
    assert_eq!(failure.message(), "The token has expired. Ask the account's owner to connect again.");
    assert_eq!(failure.to_string(), "The token has expired.");
    assert_eq!((ProviderErrorKind::Expired.as_str(), ErrorCategory::SetUp.as_str()), ("Expired", "set_up"));
}
