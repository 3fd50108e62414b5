//! The runbook explains each alarm, event and metric, and alarms and email link to its sections.

use std::collections::BTreeSet;

use evertoken_core::metrics::Metric;
use evertoken_tests::template::Template;
use evertoken_tests::workspace;

use crate::alarms::{EMAIL, alarms_stack};
use crate::feed::feed_stack;

const RUNBOOK_URL: &str = "https://github.com/evertoken/evertoken/blob/main/docs/runbook.md#";

fn document(path: &str) -> String {
    std::fs::read_to_string(workspace::root().join(path)).unwrap()
}

fn alarm_names() -> Vec<&'static str> {
    let resources = Template::alarms().section("Resources").chain(Template::feed().section("Resources"));
    resources.filter(|(_, resource)| resource["Type"] == "AWS::CloudWatch::Alarm").map(|(name, _)| name).collect()
}

/// The anchor that GitHub gives to a heading.
fn anchor(heading: &str) -> String {
    let is_kept = |letter: &char| letter.is_alphanumeric() || " -_".contains(*letter);
    heading.to_lowercase().chars().filter(is_kept).collect::<String>().replace(' ', "-")
}

#[test]
fn the_runbook_explains_each_alarm_event_and_metric() {
    let (runbook, events) = (document("docs/runbook.md"), document("docs/events.md"));
    let headings = runbook.lines().filter_map(|line| line.strip_prefix("### "));
    let mut documented: Vec<&str> = headings.flat_map(|heading| heading.split(", ")).collect();
    let mut alarms = alarm_names();
    alarms.sort_unstable();
    documented.sort_unstable();
    assert_eq!(alarms, documented);

    // The first section of events.md has a table with the event types in the first column.
    let kinds = |text: &str| -> Vec<String> {
        let cells = text.lines().filter_map(|line| line.strip_prefix("| `")?.split(" |").next().map(str::to_owned));
        cells
            .flat_map(|cell| cell.split(", ").map(|kind| kind.trim_matches('`').to_owned()).collect::<Vec<_>>())
            .collect()
    };
    let documented = kinds(events.split("\n## ").next().unwrap());
    assert!(documented.len() >= 9, "{documented:?}");
    let known = kinds(&runbook);
    for kind in documented.iter().map(String::as_str).chain(Metric::ALL.iter().map(|metric| metric.name())) {
        assert!(known.iter().any(|known| known == kind), "the runbook does not explain {kind}");
    }
}

#[test]
fn each_alarm_links_to_its_section_of_the_runbook() {
    let runbook = document("docs/runbook.md");
    let section = |alarm: &str| {
        let mut headings = runbook.lines().filter_map(|line| line.strip_prefix("### "));
        headings.find(|heading| heading.split(", ").any(|name| name == alarm)).unwrap()
    };
    let (stack, feeds) = (alarms_stack(&EMAIL).resources(), feed_stack(&EMAIL).resources());
    for alarm in alarm_names() {
        let alarm_properties = &stack.get(alarm).unwrap_or_else(|| &feeds[alarm])["Properties"];
        let description = alarm_properties["AlarmDescription"].as_str().unwrap().to_owned();
        let link = format!(" What to do: {RUNBOOK_URL}{}", anchor(section(alarm)));
        assert!(description.ends_with(&link), "{alarm} does not end with{link}: {description}");
    }
}

#[test]
fn the_email_about_an_account_links_to_a_section_of_the_runbook() {
    let runbook = document("docs/runbook.md");
    let anchors: BTreeSet<String> = runbook
        .lines()
        .filter(|line| line.starts_with('#'))
        .map(|line| anchor(line.trim_start_matches(['#', ' '])))
        .collect();
    let rule = alarms_stack(&EMAIL).properties("NeedsAPerson");
    let text = rule["Targets"][0]["InputTransformer"]["InputTemplate"].as_str().unwrap();
    let (_, rest) = text.split_once(RUNBOOK_URL).unwrap();
    let linked = rest.split([' ', '"']).next().unwrap();
    assert!(anchors.contains(linked), "the runbook has no section {linked}: {anchors:?}");
}
