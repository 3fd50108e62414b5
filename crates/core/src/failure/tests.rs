//! What each code leads to.

use super::*;

fn graph(code: i64, subcode: i64) -> GraphError {
    GraphError { code, subcode: Some(subcode), ..GraphError::default() }
}

#[test]
fn codes_lead_to_kinds() {
    let blocked = GraphError { transient: Some(false), ..graph(4, 2_207_051) };
    let passing = GraphError { transient: Some(true), ..graph(190, 0) };
    let tester = GraphError { unsupported: true, ..graph(100, 0) };
    let checkpoint = GraphError { checkpoint: true, ..graph(190, 0) };
    let table = [
        (graph(1, 0), Kind::Transient),
        (graph(2, 0), Kind::Transient),
        (graph(3, 0), Kind::SetUp),
        (graph(4, 0), Kind::Throttled),
        (blocked, Kind::Attention),
        (graph(10, 0), Kind::LoginRequired),
        (graph(17, 0), Kind::Throttled),
        (graph(32, 0), Kind::Throttled),
        (graph(100, 33), Kind::SetUp),
        (tester, Kind::SetUp),
        (graph(102, 0), Kind::LoginRequired),
        (graph(190, 0), Kind::LoginRequired),
        (checkpoint, Kind::Attention),
        (passing, Kind::Transient),
        (graph(190, 458), Kind::LoginRequired),
        (graph(190, 459), Kind::Attention),
        (graph(190, 460), Kind::LoginRequired),
        (graph(190, 463), Kind::LoginRequired),
        (graph(190, 464), Kind::Attention),
        (graph(190, 467), Kind::LoginRequired),
        (graph(190, 490), Kind::Attention),
        (graph(230, 0), Kind::LoginRequired),
        (graph(341, 0), Kind::Throttled),
        (graph(368, 0), Kind::Throttled),
        (graph(613, 1996), Kind::Throttled),
        (graph(2500, 0), Kind::SetUp),
        (graph(80_002, 0), Kind::Throttled),
        (graph(99_999, 0), Kind::Unknown),
    ];
    for (error, kind) in table {
        assert_eq!(Problem::from_graph(error).kind(), kind, "{error:?}");
    }
}

#[test]
fn a_code_says_whose_limit_it_is() {
    let odd_volume = GraphError { transient: Some(true), ..graph(4, 1_349_210) };
    let downtime = GraphError { transient: Some(true), ..graph(341, 0) };
    for of_the_app in [graph(4, 0), odd_volume, downtime] {
        assert_eq!(Problem::from_graph(of_the_app).retry(), Retry::PauseRun, "{of_the_app:?}");
    }
    for code in [17, 32, 613, 80_000, 80_001, 80_002, 80_006, 80_099] {
        assert_eq!(Problem::from_graph(graph(code, 0)).retry(), Retry::WhenTold, "{code}");
    }
    for other in [79_999, 80_100] {
        assert_eq!(Problem::from_graph(graph(other, 0)), Problem::Unclassified, "{other}");
    }
}

#[test]
fn the_same_code_means_different_things_by_subcode_and_flag() {
    let flagged =
        |code, transient, unsupported, checkpoint| GraphError { transient, unsupported, checkpoint, ..graph(code, 0) };
    let table = [
        (graph(4, 2_207_051), Problem::ActionBlocked),
        (GraphError { transient: Some(true), ..graph(4, 2_207_051) }, Problem::AppRateLimited),
        (graph(3, 0), Problem::CapabilityMissing),
        (graph(10, 0), Problem::PermissionMissing),
        (graph(199, 0), Problem::Unclassified),
        (graph(200, 0), Problem::PermissionMissing),
        (graph(299, 0), Problem::PermissionMissing),
        (graph(300, 0), Problem::Unclassified),
        (graph(100, 0), Problem::RequestRefused),
        (graph(2500, 0), Problem::RequestRefused),
        (flagged(100, None, true, false), Problem::TesterNotAccepted),
        (flagged(190, None, true, false), Problem::TokenInvalid),
        (flagged(190, None, false, true), Problem::Checkpoint),
        (GraphError { checkpoint: true, ..graph(190, 463) }, Problem::Expired),
        (flagged(190, Some(true), false, false), Problem::Unavailable),
        (flagged(100, Some(false), false, false), Problem::RequestRefused),
        (graph(190, 458), Problem::AppRemoved),
        (graph(190, 460), Problem::PasswordChanged),
        (graph(190, 461), Problem::AppRemoved),
        (graph(190, 464), Problem::Unconfirmed),
        (graph(190, 490), Problem::Checkpoint),
        (graph(102, 463), Problem::Expired),
        (graph(190, 1), Problem::TokenInvalid),
        (graph(368, 0), Problem::PolicyBlock),
        (graph(1, 0), Problem::Unavailable),
        (graph(506, 0), Problem::Unclassified),
        (graph(-1, 0), Problem::Unclassified),
    ];
    for (error, problem) in table {
        assert_eq!(Problem::from_graph(error), problem, "{error:?}");
    }
    assert_eq!(Problem::from_graph(GraphError { code: 190, ..GraphError::default() }), Problem::TokenInvalid);
}

#[test]
fn only_definite_answers_are_about_the_token() {
    let table = [
        (Problem::Expired, true),
        (Problem::Checkpoint, true),
        (Problem::TesterNotAccepted, false),
        (Problem::Unreachable, false),
        (Problem::AppRateLimited, false),
        (Problem::Unclassified, false),
    ];
    for (problem, definite) in table {
        assert_eq!(Failure::new(problem).refuses_the_token(), definite, "{problem:?}");
    }
}

#[test]
fn a_message_is_cause_and_remedy() {
    let failure = Failure::new(Problem::Expired);
    assert_eq!(failure.message(), "The token has expired. The account's owner connects again.");
    assert_eq!(failure.to_string(), "The token has expired.");
    assert_eq!((Problem::Expired.as_str(), Kind::SetUp.as_str()), ("Expired", "set_up"));
}
