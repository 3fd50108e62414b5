//! The sizes of the templates: docs/deploy.md states them, and CloudFormation limits them.

use evertoken_tests::stack::Stack;
use evertoken_tests::template::Template;
use evertoken_tests::workspace;

/// Upper bounds in kilobytes, as docs/deploy.md states them. CloudFormation accepts 51 kB inline and 1 MB from S3
/// (AWS, "CloudFormation quotas").
const LARGEST: [(&str, u64); 3] = [("template.yaml", 51), ("infra/alarms.yaml", 31), ("infra/feed.yaml", 30)];

#[test]
fn the_documented_sizes_and_resource_counts_are_current() {
    for (path, kilobytes) in LARGEST {
        let bytes = std::fs::metadata(workspace::root().join(path)).unwrap().len();
        assert!(bytes <= kilobytes * 1000, "{path} has {bytes} bytes");
    }
    let by_default = Stack::new(Template::main(), &[]).unwrap().resources().len();
    let with_alarms = Stack::new(Template::main(), &[("AlarmEmail", "me@example.com")]).unwrap();
    let alarms = Template::alarms().section("Resources").count();
    assert_eq!(with_alarms.resources().len(), by_default + 1);
    let with_feeds = Stack::new(Template::main(), &[("Feed", "on")]).unwrap();
    let feeds = Template::feed().section("Resources").count();
    assert_eq!(with_feeds.resources().len(), by_default + 1);
    let [(_, main), (_, nested), (_, feed)] = LARGEST;
    let sentence = format!(
        "The template (at most {main} kB) creates {by_default} resources. Alarms add a nested stack (at most {nested} kB) \
         with {alarms} resources, feeds one (at most {feed} kB) with {feeds}."
    );
    let guide = std::fs::read_to_string(workspace::root().join("docs/deploy.md")).unwrap();
    let guide = guide.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(guide.contains(&sentence), "docs/deploy.md does not contain: {sentence}");
}
