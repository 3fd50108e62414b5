//! Decides which posts a feed shows, and in which order.

use evertoken_core::media::{Media, MediaId, MediaKind};

use crate::caption;
use crate::settings::{FeedSettings, PostKind};

/// One selected post.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Selected<'a> {
    /// The post.
    pub post: &'a Media,
    /// Whether the settings pin it.
    pub pinned: bool,
}

/// The posts that a feed shows: pinned ones in the order of the settings, then the newest of those that pass the filters.
///
/// A hidden post is never shown, and a pinned one always is.
pub fn select<'a>(posts: &'a [Media], settings: &FeedSettings) -> Vec<Selected<'a>> {
    let visible = |post: &&Media| !settings.hidden.contains(&post.id);
    let find = |id: &MediaId| posts.iter().filter(visible).find(|post| post.id == *id);
    let mut pinned: Vec<&Media> = Vec::new();
    for post in settings.pinned.iter().filter_map(find) {
        if !pinned.contains(&post) {
            pinned.push(post);
        }
    }
    let mut others: Vec<&Media> = posts
        .iter()
        .filter(visible)
        .filter(|post| !settings.pinned.contains(&post.id) && passes(post, settings))
        .collect();
    others.sort_by(|one, other| other.published_at.cmp(&one.published_at).then_with(|| other.id.cmp(&one.id)));
    others.dedup_by(|one, other| one.id == other.id);
    let selected = |pinned| move |post| Selected { post, pinned };
    let all = pinned.into_iter().map(selected(true)).chain(others.into_iter().map(selected(false)));
    all.take(settings.posts.get()).collect()
}

fn passes(post: &Media, settings: &FeedSettings) -> bool {
    let kind = match &post.kind {
        MediaKind::Image => Some(PostKind::Image),
        MediaKind::Video => Some(PostKind::Video),
        MediaKind::Album => Some(PostKind::Album),
        MediaKind::Other(_) => None,
    };
    let caption = post.caption.as_deref().unwrap_or_default();
    let is_off_feed = post.is_reel && post.shared_to_feed == Some(false);
    let has = |word: &crate::settings::Word| caption::contains(caption, word.as_str());
    kind.map_or_else(|| settings.shows_all_kinds(), |kind| settings.kinds.contains(&kind))
        && (settings.off_feed_reels || !is_off_feed)
        && (settings.include.is_empty() || settings.include.iter().any(has))
        && !settings.exclude.iter().any(has)
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;
    use time::{Duration, OffsetDateTime};

    use super::*;
    use crate::sample;
    use crate::settings::PostCount;

    fn settings() -> FeedSettings {
        FeedSettings::new("shop".parse().unwrap())
    }

    fn ids(selected: &[Selected<'_>]) -> Vec<String> {
        selected.iter().map(|selected| selected.post.id.to_string()).collect()
    }

    fn id(number: u64) -> MediaId {
        number.to_string().parse().unwrap()
    }

    #[test]
    fn newest_first_after_the_pinned_ones_in_their_order() {
        let posts: Vec<Media> = (1..=5).map(sample::post).collect();
        let settings = FeedSettings { pinned: vec![id(2), id(4), id(99)], hidden: vec![id(5)], ..settings() };
        let selected = select(&posts, &settings);
        assert_eq!(ids(&selected), ["2", "4", "3", "1"]);
        assert_eq!(selected.iter().filter(|selected| selected.pinned).count(), 2);
    }

    #[test]
    fn hiding_wins_over_pinning() {
        let posts = [sample::post(1)];
        let settings = FeedSettings { pinned: vec![id(1)], hidden: vec![id(1)], ..settings() };
        assert!(select(&posts, &settings).is_empty());
    }

    #[test]
    fn no_post_is_shown_twice() {
        let posts = [2, 1, 2, 3].map(sample::post);
        let settings = FeedSettings { pinned: vec![id(1), id(1)], ..settings() };
        assert_eq!(ids(&select(&posts, &settings)), ["1", "3", "2"]);
    }

    #[test]
    fn off_feed_reels_are_left_out_by_default() {
        let reel = |number, shared_to_feed| Media { is_reel: true, shared_to_feed, ..sample::post(number) };
        let posts = [reel(1, Some(false)), reel(2, Some(true)), reel(3, None)];
        assert_eq!(ids(&select(&posts, &settings())), ["3", "2"]);
        assert_eq!(select(&posts, &FeedSettings { off_feed_reels: true, ..settings() }).len(), 3);
    }

    #[test]
    fn unknown_kinds_are_shown_unless_kinds_are_filtered() {
        let posts = [Media { kind: MediaKind::Other("HOLOGRAM".to_owned()), ..sample::post(1) }, sample::post(2)];
        assert_eq!(ids(&select(&posts, &settings())), ["2", "1"]);
        let images = FeedSettings { kinds: vec![PostKind::Image], ..settings() };
        assert_eq!(ids(&select(&posts, &images)), ["2"]);
    }

    #[test]
    fn only_posts_of_the_chosen_kind_are_shown() {
        let post = |number, kind| Media { kind, ..sample::post(number) };
        let posts = [post(1, MediaKind::Image), post(2, MediaKind::Video), post(3, MediaKind::Album)];
        for (kind, expected) in [(PostKind::Image, "1"), (PostKind::Video, "2"), (PostKind::Album, "3")] {
            let chosen = FeedSettings { kinds: vec![kind], ..settings() };
            assert_eq!(ids(&select(&posts, &chosen)), [expected]);
        }
    }

    #[test]
    fn words_filter_without_regard_to_case() {
        let post = |number, caption: &str| Media { caption: Some(caption.to_owned()), ..sample::post(number) };
        let posts = [post(1, "Fresh #Coffee"), post(2, "Tea"), post(3, "#coffee SPOILER")];
        let words = |words: &[&str]| words.iter().map(|word| word.parse().unwrap()).collect();
        let filtered =
            FeedSettings { include: words(&["#coffee", "#milk"]), exclude: words(&["spoiler"]), ..settings() };
        assert_eq!(ids(&select(&posts, &filtered)), ["1"]);
    }

    proptest! {
        #[test]
        fn a_selection_respects_count_order_hidden_and_pinned(
            ages in vec((1_u64..30, 0_i64..1000, any::<bool>()), 0..40),
            pinned in vec(1_u64..30, 0..5),
            hidden in vec(1_u64..30, 0..5),
            count in 1_u64..=100,
        ) {
            let posts: Vec<Media> = ages.iter().map(|(number, age, is_reel)| Media {
                published_at: OffsetDateTime::UNIX_EPOCH + Duration::hours(*age),
                is_reel: *is_reel,
                shared_to_feed: Some(number % 2 == 0),
                ..sample::post(*number)
            }).collect();
            let settings = FeedSettings {
                posts: PostCount::try_from(count).unwrap(),
                pinned: pinned.into_iter().map(id).collect(),
                hidden: hidden.into_iter().map(id).collect(),
                ..settings()
            };
            let selected = select(&posts, &settings);
            prop_assert!(selected.len() <= settings.posts.get());
            prop_assert!(selected.iter().all(|selected| !settings.hidden.contains(&selected.post.id)));
            let (first, rest) = selected.split_at(selected.iter().take_while(|selected| selected.pinned).count());
            prop_assert!(rest.iter().all(|selected| !selected.pinned));
            prop_assert!(rest.is_sorted_by(|one, other| one.post.published_at >= other.post.published_at));
            let position = |selected: &Selected<'_>| settings.pinned.iter().position(|id| *id == selected.post.id);
            prop_assert!(first.is_sorted_by_key(position));
        }
    }
}
