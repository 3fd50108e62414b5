//! How large the templates are: README says so, and CloudFormation has limits.

use evertoken_tests::stack::Stack;
use evertoken_tests::template::Template;
use evertoken_tests::venv;

/// In kilobytes, what README promises at most. CloudFormation takes 51 kB as they are, 1 MB from S3 ("quotas").
const LARGEST: [(&str, u64); 2] = [("template.yaml", 34), ("infra/alarms.yaml", 24)];

#[test]
fn readme_tells_the_sizes_and_how_many_resources_there_are() {
    for (path, kilobytes) in LARGEST {
        let bytes = std::fs::metadata(venv::root().join(path)).unwrap().len();
        assert!(bytes <= kilobytes * 1000, "{path} has {bytes} bytes");
    }
    let by_default = Stack::new(Template::main(), &[]).unwrap().resources().len();
    let told = Stack::new(Template::main(), &[("AlarmEmail", "me@example.com")]).unwrap();
    let alarms = Template::alarms().section("Resources").count();
    assert_eq!(told.resources().len(), by_default + 1);
    let [(_, main), (_, nested)] = LARGEST;
    let sentence = format!(
        "The template (at most {main} kB) makes {by_default} resources; with an address for alarms, a nested stack \
         (at most {nested} kB) of {alarms} more."
    );
    let readme = std::fs::read_to_string(venv::root().join("README.md")).unwrap();
    let readme = readme.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(readme.contains(&sentence), "README does not say: {sentence}");
}
