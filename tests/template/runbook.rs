//! Whoever is woken finds a page: each alarm, event and metric is in the runbook.

use evertoken_core::metrics::Metric;
use evertoken_tests::template::Template;
use evertoken_tests::venv;

#[test]
fn each_alarm_event_and_metric_is_explained() {
    let read = |path: &str| std::fs::read_to_string(venv::root().join(path)).unwrap();
    let (runbook, events) = (read("docs/runbook.md"), read("docs/events.md"));
    let headings: Vec<&str> =
        runbook.lines().filter_map(|line| line.strip_prefix("### ")).flat_map(|heading| heading.split(", ")).collect();
    let alarms = Template::alarms().section("Resources");
    let mut alarms: Vec<&str> =
        alarms.filter(|(_, one)| one["Type"] == "AWS::CloudWatch::Alarm").map(|(name, _)| name).collect();
    let mut explained = headings.clone();
    alarms.sort_unstable();
    explained.sort_unstable();
    assert_eq!(alarms, explained);

    // events.md begins with a table of all kinds, each in the first cell.
    let kinds = |text: &str| -> Vec<String> {
        let cells = text.lines().filter_map(|line| line.strip_prefix("| `")?.split(" |").next().map(str::to_owned));
        cells
            .flat_map(|cell| cell.split(", ").map(|kind| kind.trim_matches('`').to_owned()).collect::<Vec<_>>())
            .collect()
    };
    let announced = kinds(events.split("\n## ").next().unwrap());
    assert!(announced.len() >= 9, "{announced:?}");
    let known = kinds(&runbook);
    for kind in announced.iter().map(String::as_str).chain(Metric::ALL.iter().map(|metric| metric.name())) {
        assert!(known.iter().any(|known| known == kind), "the runbook has no line for {kind}");
    }
}
