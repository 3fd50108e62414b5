//! Every environment variable and every template parameter has a test that shows its effect, not only that it is read.
//!
//! [`EFFECTS`] names the test. A new variable or parameter needs a row, and a row needs a test that exists.

use std::collections::BTreeSet;
use std::fs;

use evertoken_tests::template::Template;
use evertoken_tests::workspace;
use regex_lite::Regex;

use crate::environment::known_names;

/// Variables and parameters, the folder of the test below `tests`, and the test. Where the effect is in AWS itself, the test
/// checks the resource of the translated template, or the one that moto creates from it.
const EFFECTS: &[(&[&str], &str, &str)] = &[
    // The app and its logins.
    (&["InstagramAppId"], "deployed", "accounts_outlive_an_upgrade_a_deletion_and_a_new_deployment"),
    (&["EVERTOKEN_APP_SECRET_NAME"], "end_to_end", "a_changed_app_id_starts_logins_of_that_app"),
    (
        &["EVERTOKEN_APP_ID", "EVERTOKEN_APP_SECRET"],
        "command",
        "import_exchanges_a_short_lived_token_with_the_app_secret",
    ),
    (&["EVERTOKEN_APP_SECRET_FILE"], "command", "the_app_secret_of_a_file_extends_a_short_lived_token"),
    (&["EVERTOKEN_SIGNING_SECRET_NAME"], "end_to_end", "a_login_requires_an_authentic_unexpired_invite"),
    (&["EVERTOKEN_SIGNING_KEY"], "command", "the_signing_key_of_a_variable_signs_invites"),
    (
        &["EVERTOKEN_SIGNING_KEY_FILE", "EVERTOKEN_SIGNING_SECRET_FILE"],
        "command",
        "the_signing_key_of_a_file_signs_invites",
    ),
    (&["EVERTOKEN_SIGNING_SECRET"], "attacks", "a_name_in_a_variable_of_an_earlier_version_is_still_accepted"),
    (&["EVERTOKEN_SCOPES", "Scopes"], "end_to_end", "a_login_requests_requires_and_stores_the_configured_scopes"),
    (&["EVERTOKEN_LOGIN", "LoginMode"], "end_to_end", "an_open_login_needs_no_invite_and_an_invited_one_does"),
    (
        &["EVERTOKEN_RETURN_URLS", "ReturnUrls"],
        "end_to_end",
        "an_invite_redirects_to_its_return_url_only_if_the_url_is_allowed",
    ),
    (
        &["EVERTOKEN_PUBLIC_URL", "PublicUrl"],
        "end_to_end",
        "the_public_url_is_the_base_of_the_redirect_uri_and_of_reconnect_links",
    ),
    (&["CertificateArn"], "template", "a_custom_domain_is_served_and_used_in_all_urls"),
    (
        &["ThrottlingRateLimit", "ThrottlingBurstLimit"],
        "template",
        "the_login_pages_have_the_given_rate_and_burst_limit",
    ),
    (
        &[
            "EVERTOKEN_BRAND_NAME",
            "BrandName",
            "EVERTOKEN_BRAND_LOGO",
            "BrandLogo",
            "EVERTOKEN_BRAND_COLOR",
            "BrandColor",
            "EVERTOKEN_CONTACT_URL",
            "ContactUrl",
            "EVERTOKEN_PRIVACY_URL",
            "PrivacyUrl",
        ],
        "end_to_end",
        "the_pages_show_the_configured_brand",
    ),
    // Instagram.
    (
        &["EVERTOKEN_SCHEDULER_ROLE", "EVERTOKEN_DEAD_LETTER_QUEUE"],
        "attacks",
        "in_secrets_manager_a_request_that_failed_is_sent_again_until_it_is_done",
    ),
    (&["EVERTOKEN_PROVIDER", "Provider"], "facebook", "both_logins_are_offered_with_a_sentence_each"),
    (
        &["EVERTOKEN_FACEBOOK_SCOPES", "FacebookScopes"],
        "facebook",
        "a_login_through_facebook_requests_and_requires_the_configured_scopes",
    ),
    (
        &["EVERTOKEN_FACEBOOK_CONFIG_ID", "FacebookConfigId", "EVERTOKEN_FACEBOOK_DIALOG_URL"],
        "facebook",
        "a_configuration_replaces_the_scopes_and_may_issue_a_system_users_token",
    ),
    (
        &["EVERTOKEN_GRAPH_VERSION", "GraphVersion"],
        "end_to_end",
        "profiles_are_read_with_the_configured_version_of_the_graph_api",
    ),
    (
        &["EVERTOKEN_AUTHORIZE_URL", "EVERTOKEN_TOKEN_URL", "EVERTOKEN_GRAPH_URL"],
        "end_to_end",
        "each_of_instagrams_hosts_receives_only_its_own_requests",
    ),
    (&["SSL_CERT_FILE", "SSL_CERT_DIR"], "end_to_end", "a_function_trusts_only_the_given_root_certificates"),
    // The refresh.
    (
        &["EVERTOKEN_REFRESH_AFTER_DAYS", "RefreshAfterDays"],
        "end_to_end",
        "a_token_is_refreshed_from_the_configured_age",
    ),
    (
        &["EVERTOKEN_CONCURRENCY", "Concurrency"],
        "end_to_end",
        "a_run_refreshes_at_most_the_configured_number_of_accounts_at_once",
    ),
    (
        &["EVERTOKEN_CHECK_EVERY_HOURS", "CheckEveryHours"],
        "end_to_end",
        "a_token_that_is_not_due_is_checked_at_the_configured_interval",
    ),
    (&["EVERTOKEN_LOCAL"], "command", "a_variable_selects_the_file_vault"),
    (
        &["EVERTOKEN_FACEBOOK_GRAPH_URL"],
        "command",
        "debug_asks_facebook_about_a_facebook_login_token_with_the_meta_app",
    ),
    // What `serve --on-renewed` sets for its command.
    (
        &["EVERTOKEN_ACCOUNT", "EVERTOKEN_ACCOUNT_ID", "EVERTOKEN_EXPIRES_AT", "EVERTOKEN_USERNAME"],
        "command",
        "the_command_receives_the_renewed_token_and_the_account_but_no_secret_of_the_service",
    ),
    (
        &["EVERTOKEN_WRITES_PER_SECOND", "WritesPerSecond"],
        "end_to_end",
        "a_run_writes_no_faster_than_the_configured_rate",
    ),
    (&["Schedule", "RefreshEveryHours"], "template", "the_schedule_can_be_changed_and_turned_off"),
    (
        &["EVERTOKEN_REFRESH_EVERY_HOURS"],
        "end_to_end",
        "a_failed_refresh_is_announced_and_tried_again_at_the_configured_interval",
    ),
    (&["EVERTOKEN_ROTATION", "Rotation"], "end_to_end", "rotation_steps_are_refused_unless_rotation_is_on"),
    // Secrets.
    (
        &["EVERTOKEN_VAULT_PREFIX", "VaultPrefix", "EVERTOKEN_KMS_KEY", "KmsKeyArn"],
        "end_to_end",
        "the_secret_of_a_new_account_has_the_configured_kms_key_and_prefix",
    ),
    (&["EVERTOKEN_ACCOUNT_TAGS", "AccountTags"], "end_to_end", "the_secret_of_a_new_account_has_the_configured_tags"),
    (&["EVERTOKEN_STACK"], "end_to_end", "logins_and_refreshes_emit_exactly_the_documented_metrics"),
    (&["AccountsOnDeletion"], "template", "deleting_the_stack_deletes_its_accounts_only_and_they_can_be_restored"),
    (&["PermissionsBoundary"], "template", "no_role_has_a_wildcard_action_and_all_have_the_permissions_boundary"),
    // Events and alarms.
    (&["EVERTOKEN_EVENT_BUS", "EventBusName"], "end_to_end", "events_go_to_the_configured_bus_or_nowhere"),
    (
        &["EVERTOKEN_WEBHOOK_URL", "EVERTOKEN_WEBHOOK_SECRET"],
        "command",
        "webhook_deliveries_are_retried_until_acknowledged",
    ),
    (&["EVERTOKEN_WEBHOOK_SECRET_FILE"], "command", "the_webhook_secret_of_a_file_signs_deliveries"),
    (&["AlarmEmail"], "template", "the_email_address_is_subscribed_to_a_topic_that_receives_messages_and_alarms"),
    (&["AlarmTopicArn"], "template", "a_given_topic_receives_messages_and_alarms_and_no_other_is_created"),
    // Many accounts.
    (&["EVERTOKEN_LAYOUT", "Layout", "EVERTOKEN_INDEX_TABLE"], "end_to_end", "accounts_that_log_in_share_a_secret"),
    (&["EVERTOKEN_WORK_QUEUE", "Workers"], "end_to_end", "the_scheduled_run_hands_each_pack_to_a_worker"),
    (&["EVERTOKEN_PACK_SIZE", "PackSize"], "end_to_end", "a_pack_takes_the_configured_number_of_accounts"),
    (&["Reader"], "deployed", "an_application_reads_the_token_of_the_one_account_that_its_role_allows"),
    // Feeds.
    (
        &["Feed", "EVERTOKEN_FEED_BUCKET", "EVERTOKEN_FEED_DISTRIBUTION", "EVERTOKEN_FEED_URL"],
        "deployed",
        "a_feed_is_published_served_and_deleted_with_its_account_and_its_stack",
    ),
    (&["FeedDomain", "FeedCertificateArn"], "template", "a_domain_of_its_own_is_served_with_its_certificate"),
    // Operation.
    (&["Architecture", "Tracing"], "template", "each_function_has_its_own_binary_role_and_log_group"),
    (&["ReservedConcurrency"], "template", "reserved_concurrency_limits_the_login_pages_only"),
    (&["LogRetentionDays"], "template", "log_groups_have_the_given_retention"),
    (
        &["AWS_LAMBDA_LOG_LEVEL", "LogLevel", "RUST_LOG"],
        "end_to_end",
        "a_function_logs_nothing_below_the_configured_level",
    ),
    (&["AWS_LAMBDA_LOG_FORMAT"], "end_to_end", "text_logs_at_trace_level_contain_no_secret"),
    (&["NO_COLOR"], "command", "colors_are_used_only_on_terminals_that_support_them"),
];

/// A staging label, which looks like a variable.
const NOT_A_VARIABLE: &str = "EVERTOKEN_PARKED";

/// The names of all tests in a folder.
fn tests_in(folder: &str) -> BTreeSet<String> {
    let test = Regex::new(r"#\[(?:tokio::)?test(?:\([^)]*\))?\]\s*(?:async )?fn (\w+)\(\)").unwrap();
    let files = fs::read_dir(workspace::root().join("tests").join(folder)).unwrap().map(|file| file.unwrap().path());
    let sources = files.filter(|file| file.extension().is_some_and(|extension| extension == "rs"));
    sources.flat_map(|file| names_in(&test, &fs::read_to_string(file).unwrap())).collect()
}

fn names_in(pattern: &Regex, text: &str) -> Vec<String> {
    pattern.captures_iter(text).map(|found| found[1].to_owned()).collect()
}

#[test]
fn every_variable_and_parameter_has_a_test_of_its_effect() {
    let mut all = known_names(r#""(EVERTOKEN_[A-Z_]+|AWS_LAMBDA_LOG_[A-Z]+|RUST_LOG|SSL_CERT_[A-Z]+|NO_COLOR)""#);
    assert!(all.remove(NOT_A_VARIABLE));
    all.extend(Template::main().section("Parameters").map(|(name, _)| name.to_owned()));
    let listed = || EFFECTS.iter().flat_map(|(names, ..)| names.iter());
    assert_eq!(listed().map(|name| (*name).to_owned()).collect::<BTreeSet<_>>(), all);
    assert_eq!(listed().count(), all.len(), "a name is listed twice");
}

#[test]
fn every_documented_variable_is_read() {
    let read = known_names(r#""(EVERTOKEN_[A-Z_]+)""#);
    for page in ["interfaces.md", "single-machine.md"] {
        let text = fs::read_to_string(workspace::root().join("docs").join(page)).unwrap();
        let documented = names_in(&Regex::new("`(EVERTOKEN_[A-Z_]+)`").unwrap(), &text);
        assert!(documented.len() > 5, "{page}");
        for name in documented {
            assert!(read.contains(&name), "{page} documents {name}, which nothing reads");
        }
    }
}

#[test]
fn every_test_of_an_effect_exists() {
    for (names, folder, test) in EFFECTS {
        assert!(tests_in(folder).contains(*test), "{names:?}: tests/{folder} has no test {test}");
    }
}
