//! Tests of the WordPress plug-in in a real WordPress, which `make wordpress` installs.

use evertoken_tests::workspace;
use serde_json::json;

use crate::run_script;

macro_rules! journeys {
    ($($journey:ident),+ $(,)?) => {
        $(
            #[tokio::test]
            #[ignore = "needs a browser and WordPress: run `make browser wordpress`, and pass --include-ignored"]
            async fn $journey() {
                let root = workspace::root();
                let installed = root.join("target/wordpress");
                assert!(installed.join("database").exists(), "WordPress is missing: run `make wordpress` first");
                let folders = json!({
                    "installed": installed,
                    "plugin": root.join("integrations/wordpress/evertoken-feed"),
                    "tests": root.join("tests/wordpress"),
                    "style": root.join("crates/feed/templates/fragment.css"),
                });
                run_script("wordpress_plugin.mjs", stringify!($journey), &folders, None).await;
            }
        )+
    };
}

journeys!(
    the_block_and_the_shortcode_show_the_feed,
    a_failing_feed_keeps_the_last_copy_for_a_week,
    a_deleted_feed_is_removed_and_uninstalling_deletes_all_copies,
    a_hostile_fragment_is_sanitized,
    an_address_that_is_none_shows_nothing_to_visitors,
    an_address_of_a_private_network_is_never_requested,
    the_editor_inserts_the_block_and_shows_a_preview,
);
