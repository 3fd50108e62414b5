//! Tests of the feed widget on a page of another site. `feed_widget.mjs` serves the page and the feed.

use evertoken_tests::workspace;
use serde_json::json;

use crate::run_script;

macro_rules! journeys {
    ($($journey:ident),+ $(,)?) => {
        $(
            #[tokio::test]
            #[ignore = "needs a browser: run `make browser`, and pass --include-ignored"]
            async fn $journey() {
                let files = json!({
                    "widget": workspace::root().join("crates/feed/widget/evertoken-feed.js"),
                    "documentation": workspace::root().join("docs/feed-widget.md"),
                });
                run_script("feed_widget.mjs", stringify!($journey), &files, None).await;
            }
        )+
    };
}

journeys!(
    each_layout_is_stable_private_and_accessible,
    a_page_that_reserves_no_room_shifts,
    the_browser_chooses_small_pictures_and_loads_them_late,
    the_content_is_visible_without_a_script,
    the_content_stays_visible_while_the_feed_loads_and_when_it_fails,
    a_stale_feed_is_shown,
    a_hostile_feed_is_harmless,
    a_feed_without_any_known_key_is_shown_as_links,
    a_picture_that_is_gone_becomes_a_link,
    every_post_can_be_reached_with_the_keyboard,
    the_widget_follows_dark_mode_and_reduced_motion,
    changed_attributes_change_the_feed,
    the_documented_variables_and_parts_style_the_feed,
    the_widget_is_small,
);
