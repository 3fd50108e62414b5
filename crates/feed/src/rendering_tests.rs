//! All formats together: what they look like, that they are valid, and what they never contain.

use evertoken_core::media::{Media, MediaChild, MediaKind};
use proptest::prelude::*;
use roxmltree::Document;
use serde::Deserialize;
use url::Url;

use crate::feed::{Feed, Item};
use crate::selection::Selected;
use crate::settings::Layout;
use crate::{atom, html, json_feed, sample};

fn base() -> Url {
    "https://feeds.example.com/".parse().unwrap()
}

/// One post of each kind.
fn example() -> Feed {
    let image = Media { alt_text: Some("A cup of coffee".to_owned()), ..sample::post(1) };
    let reel = Media {
        kind: MediaKind::Video,
        is_reel: true,
        shared_to_feed: Some(true),
        caption: Some("قهوة <script>alert(\"1\")</script> & more\u{202e}\u{0}\n#قهوة".to_owned()),
        likes: None,
        ..sample::post(2)
    };
    let described = MediaChild { alt_text: Some("A bag of beans".to_owned()), ..sample::child(31) };
    let album = Media { kind: MediaKind::Album, children: vec![described, sample::child(32)], ..sample::post(3) };
    let other =
        Media { kind: MediaKind::Other("HOLOGRAM".to_owned()), caption: None, permalink: None, ..sample::post(4) };
    let mut items: Vec<Item> = [image, reel, album].iter().map(sample::item).collect();
    items.push(Item::new(Selected { post: &other, pinned: true }, None, Vec::new()));
    sample::feed(items)
}

#[test]
fn json_feed_looks_as_documented() {
    let json = json_feed::render(&example(), &base()).unwrap();
    insta::assert_json_snapshot!(serde_json::from_str::<serde_json::Value>(&json).unwrap());
}

#[test]
fn html_fragment_looks_as_documented() {
    let html = html::render(&example(), &base()).unwrap();
    insta::assert_snapshot!(html.replace(html::STYLE, "…"));
}

#[test]
fn atom_looks_as_documented() {
    insta::assert_snapshot!(atom::render(&example(), &base()).unwrap());
}

#[test]
fn a_stale_feed_says_so_in_every_format() {
    for stale in [false, true] {
        let feed = Feed { stale, ..example() };
        let json = json_feed::render(&feed, &base()).unwrap();
        assert!(json.contains(&format!(r#""stale":{stale}"#)));
        assert_eq!(html::render(&feed, &base()).unwrap().contains(r#"data-stale="true""#), stale);
        assert_eq!(atom::render(&feed, &base()).unwrap().contains(r#"term="stale""#), stale);
    }
}

#[test]
fn captions_and_large_pictures_are_part_of_the_list_only() {
    let html = |layout| html::render(&Feed { layout, ..example() }, &base()).unwrap();
    for (layout, has_captions) in [(Layout::Grid, false), (Layout::Row, false), (Layout::List, true)] {
        assert_eq!(html(layout).contains(r#"class="evertoken-feed-caption""#), has_captions);
        assert!(html(layout).contains(&format!(r#"class="evertoken-feed evertoken-feed-{layout}""#)));
    }
    // A caption next to the picture is not read aloud twice.
    let list = html(Layout::List);
    let alternatives: Vec<_> = list.split(r#" alt=""#).skip(1).filter_map(|rest| rest.split('"').next()).collect();
    assert_eq!(alternatives, ["A cup of coffee", "", ""]);
}

#[test]
fn videos_reels_and_albums_are_marked() {
    for (kind, is_reel, expected) in [
        (MediaKind::Image, false, None),
        (MediaKind::Video, false, Some("Video")),
        (MediaKind::Video, true, Some("Reel")),
        (MediaKind::Album, false, Some("Album")),
    ] {
        let post = Media { kind, is_reel, ..sample::post(1) };
        let html = html::render(&sample::feed(vec![sample::item(&post)]), &base()).unwrap();
        let badge = html.split_once(r#"class="evertoken-feed-badge">"#).and_then(|(_, rest)| rest.split('<').next());
        assert_eq!(badge, expected, "{post:?}");
    }
}

#[test]
fn a_feed_without_posts_links_to_the_profile() {
    let html = html::render(&sample::feed(Vec::new()), &base()).unwrap();
    assert!(html.contains(r#"href="https://www.instagram.com/blue_bottle/""#) && !html.contains("<ul"));
    check_json(&json_feed::render(&sample::feed(Vec::new()), &base()).unwrap()).unwrap();
    check_atom(&atom::render(&sample::feed(Vec::new()), &base()).unwrap()).unwrap();
}

/// The style sheet is inserted without escaping, so it must not end its element or load anything.
#[test]
fn the_style_sheet_is_scoped_and_loads_nothing() {
    assert!(
        !html::STYLE.contains(['<', '@', '&'])
            || html::STYLE.matches('@').count() == html::STYLE.matches("@media").count()
    );
    assert!(!html::STYLE.contains('<') && !html::STYLE.contains("url(") && !html::STYLE.contains("@import"));
    // What stands between the end of a rule and the beginning of the next.
    let selectors = html::STYLE.split('}').filter_map(|rule| rule.rsplit_once('{')).map(|(before, _)| before);
    for selector in selectors.flat_map(|before| before.rsplit('{').next().unwrap().split(',')) {
        assert!(selector.trim().starts_with(".evertoken-feed"), "{selector}");
    }
}

#[test]
fn the_documented_hash_allows_the_style_sheet() {
    use base64::Engine as _;
    use sha2::Digest as _;
    let hash = base64::engine::general_purpose::STANDARD.encode(sha2::Sha256::digest(html::STYLE));
    assert!(include_str!("../README.md").contains(&format!("'sha256-{hash}'")), "{hash}");
    // The hash is that of everything between the tags.
    let fragment = html::render(&example(), &base()).unwrap();
    assert!(fragment.contains(&format!("<style>{}</style>", html::STYLE)));
}

/// JSON Feed 1.1 as its specification describes it. Unknown keys are errors, unless they start with an underscore.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "only parsed")]
struct StrictFeed {
    version: String,
    title: String,
    home_page_url: Url,
    feed_url: Url,
    authors: Vec<StrictAuthor>,
    _evertoken: serde_json::Map<String, serde_json::Value>,
    items: Vec<StrictItem>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "only parsed")]
struct StrictAuthor {
    name: String,
    url: Url,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "only parsed")]
struct StrictItem {
    id: String,
    url: Option<Url>,
    content_text: String,
    summary: Option<String>,
    image: Option<Url>,
    #[serde(with = "time::serde::rfc3339")]
    date_published: time::OffsetDateTime,
    #[serde(default)]
    tags: Vec<String>,
    _instagram: serde_json::Map<String, serde_json::Value>,
}

fn check_json(json: &str) -> Result<StrictFeed, TestCaseError> {
    let feed: StrictFeed = serde_json::from_str(json).map_err(|error| TestCaseError::fail(error.to_string()))?;
    prop_assert_eq!(&feed.version, "https://jsonfeed.org/version/1.1");
    prop_assert!(!json.contains("null"), "a key without a value is left out");
    Ok(feed)
}

/// RFC 4287, sections 4.1.1 and 4.1.2: the elements that must be present exactly once.
fn check_atom(xml: &str) -> Result<(), TestCaseError> {
    let document = Document::parse(xml).map_err(|error| TestCaseError::fail(error.to_string()))?;
    let atom = |name| ("http://www.w3.org/2005/Atom", name);
    let feed = document.root_element();
    prop_assert!(feed.has_tag_name(atom("feed")));
    let entries: Vec<_> = feed.children().filter(|node| node.has_tag_name(atom("entry"))).collect();
    for node in entries.iter().chain([&feed]) {
        for name in ["id", "title", "updated"] {
            let mut found = node.children().filter(|child| child.has_tag_name(atom(name)));
            let text = found.next().and_then(|child| child.text()).unwrap_or_default();
            prop_assert!(!text.trim().is_empty() && found.next().is_none(), "{} of {:?}", name, node.tag_name());
        }
        let links = node.children().filter(|child| child.attribute("rel") == Some("alternate")).count();
        prop_assert_eq!(links, 1);
    }
    prop_assert_eq!(feed.children().filter(|node| node.has_tag_name(atom("author"))).count(), 1);
    let ids: std::collections::HashSet<_> =
        entries.iter().map(|entry| entry.first_element_child().unwrap().text()).collect();
    prop_assert_eq!(ids.len(), entries.len());
    Ok(())
}

/// Every element and attribute of the fragment is one that the template writes. The fragment is parsed as XML, after its void
/// elements are closed.
fn check_html(html: &str) -> Result<(), TestCaseError> {
    let xml = html.replace("<source ", "<void ").replace("<img ", "<void ");
    let xml: String = xml.split_inclusive('>').map(close_void).collect();
    let document = Document::parse(&xml).map_err(|error| TestCaseError::fail(error.to_string()))?;
    for node in document.descendants().filter(roxmltree::Node::is_element) {
        let name = node.tag_name().name();
        prop_assert!(
            ["section", "style", "ul", "li", "a", "span", "svg", "rect", "picture", "void", "p"].contains(&name),
            "element {}",
            name
        );
        for attribute in node.attributes() {
            let (name, value) = (attribute.name(), attribute.value());
            prop_assert!(!name.starts_with("on") && name != "style", "attribute {}", name);
            match name {
                "href" => prop_assert!(value.starts_with("https://www.instagram.com/"), "{}", value),
                "src" => prop_assert!(value.starts_with("https://feeds.example.com/img/"), "{}", value),
                "srcset" => {
                    prop_assert!(value.split(", ").all(|part| part.starts_with("https://feeds.example.com/img/")));
                }
                _ => {}
            }
        }
        if name == "a" {
            prop_assert_eq!(node.attribute("rel"), Some("noopener"));
        }
    }
    Ok(())
}

fn close_void(part: &str) -> String {
    if part.contains("<void ") { part.replace('>', "/>") } else { part.to_owned() }
}

fn texts() -> impl Strategy<Value = Option<String>> {
    let nasty = prop_oneof![
        Just("<script>alert(1)</script>".to_owned()),
        Just("\"><img src=x onerror=alert(1)>".to_owned()),
        Just("]]></content><entry>".to_owned()),
        Just("</style></section><iframe src=//evil.example>".to_owned()),
        Just("&lt;b&gt; &#0; &nbsp;".to_owned()),
        Just("\u{202e}\u{2066}مرحبا 👩\u{200d}🍳".to_owned()),
        Just("a".repeat(2_200)),
        Just("#tag\n".repeat(440)),
        "(?s).{0,60}",
    ];
    prop::option::of(nasty)
}

proptest! {
    #[test]
    fn foreign_text_never_becomes_markup_or_a_link(
        caption in texts(), alt in texts(), username in "(?s).{0,20}", kind in 0_usize..4, number in 0_u64..1000,
        with_picture: bool, layout in 0_usize..3,
    ) {
        let kinds = [MediaKind::Image, MediaKind::Video, MediaKind::Album, MediaKind::Other("<x>".to_owned())];
        let post = Media { caption, alt_text: alt, kind: kinds[kind].clone(), ..sample::post(number) };
        let item = if with_picture {
            sample::item(&post)
        } else {
            Item::new(Selected { post: &post, pinned: false }, None, Vec::new())
        };
        let layout = Layout::ALL[layout];
        let feed = Feed { username: crate::caption::clean(&username), layout, ..sample::feed(vec![item]) };
        let json = json_feed::render(&feed, &base()).unwrap();
        let html = html::render(&feed, &base()).unwrap();
        let atom = atom::render(&feed, &base()).unwrap();
        check_json(&json)?;
        check_html(&html)?;
        check_atom(&atom)?;
        for text in [json, html, atom] {
            prop_assert!(!text.contains("cdninstagram") && !text.contains("fbcdn"));
        }
    }
}
