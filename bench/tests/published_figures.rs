//! The figures in the documentation come from the committed results, and nothing else is published.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a failed assertion ends the test")]

use std::path::Path;

use evertoken_bench::implementations::root;
use evertoken_bench::published::{publish, render};
use evertoken_bench::recording::{BINARIES, FEED_PROGRAMS};
use evertoken_bench::results::Recorded;
use evertoken_bench::survival::{Survival, rerun_small_years};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use tempfile::TempDir;

#[test]
fn the_documentation_shows_the_committed_results() {
    for (path, expected) in render(&root()).unwrap() {
        let actual = std::fs::read_to_string(root().join(&path)).unwrap();
        assert!(actual == expected, "{path} does not show the results in bench/results: run make bench-render");
    }
}

#[test]
fn small_simulated_years_still_have_the_committed_outcome() {
    let recorded = Recorded::<Survival>::read(&root()).unwrap().measurements;
    for (now, recorded) in rerun_small_years().unwrap().iter().zip(&recorded.small_years) {
        assert_eq!(
            now, recorded,
            "the survival figures are out of date: run make bench-policies RECORD=--record and make bench-render"
        );
    }
}

/// A copy of the results and the documents.
struct Copy(TempDir);

impl Copy {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let results = std::fs::read_dir(root().join("bench/results")).unwrap();
        let results = results.map(|file| format!("bench/results/{}", file.unwrap().file_name().display()));
        for path in results.chain(render(&root()).unwrap().into_keys()) {
            let copy = folder.path().join(&path);
            std::fs::create_dir_all(copy.parent().unwrap()).unwrap();
            std::fs::copy(root().join(&path), copy).unwrap();
        }
        Self(folder)
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    fn change(&self, result: &str, change: impl FnOnce(&mut Value)) {
        let path = self.path().join(format!("bench/results/{result}.json"));
        let mut value: Value = serde_json::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap();
        change(&mut value);
        std::fs::write(path, value.to_string()).unwrap();
    }

    /// Publishing fails with this message, and changes no document.
    fn refuses(&self, message: &str) {
        let stale = "<!-- result: size -->\n<!-- end -->\n";
        let document = self.path().join("docs/benchmarks.md");
        std::fs::write(&document, stale).unwrap();
        let error = format!("{:#}", publish(self.path()).unwrap_err());
        assert!(error.contains(message), "{error}");
        assert_eq!(std::fs::read_to_string(document).unwrap(), stale);
    }
}

#[test]
fn publishes_nothing_if_a_baseline_was_not_measured() {
    for (result, name) in [("start", "Node, AWS SDK, bundled"), ("warm", "Python, boto3, requests")] {
        let copy = Copy::new();
        copy.change(result, |value| {
            value["measurements"].as_array_mut().unwrap().retain(|row| row["name"] != name);
        });
        copy.refuses(&format!("{name} was not measured"));
    }
}

#[test]
fn publishes_nothing_if_samples_are_missing() {
    let copy = Copy::new();
    copy.change("warm", |value| {
        value["measurements"][0]["self_ms"].as_array_mut().unwrap().pop();
    });
    copy.refuses("samples of Evertoken (login) are missing");
}

#[test]
fn publishes_nothing_if_a_step_of_a_login_was_not_measured() {
    let copy = Copy::new();
    copy.change("login_wait", |value| {
        value["measurements"].as_array_mut().unwrap().remove(1);
    });
    copy.refuses("Callback was not measured");
}

#[test]
fn publishes_nothing_if_a_run_did_not_refresh_every_account() {
    let copy = Copy::new();
    copy.change("refresh_run", |value| value["measurements"][0]["refreshed"] = json!(99));
    copy.refuses("a run refreshed 99 of 100 accounts");
}

#[test]
fn publishes_nothing_if_a_widget_was_not_measured() {
    let copy = Copy::new();
    copy.change("feed_page", |value| {
        value["measurements"].as_array_mut().unwrap().remove(4);
    });
    copy.refuses("Behold widget was not measured");
}

#[test]
fn publishes_nothing_if_a_year_was_not_simulated() {
    let copy = Copy::new();
    copy.change("survival", |value| {
        value["measurements"]["years"].as_array_mut().unwrap().remove(3);
    });
    copy.refuses("was not simulated");
}

#[test]
fn publishes_nothing_if_a_year_of_packs_is_shorter() {
    let copy = Copy::new();
    copy.change("packed_year", |value| value["measurements"]["years"][1]["days"] = json!(60));
    copy.refuses("three years of a million accounts");
}

#[test]
fn publishes_nothing_if_the_function_of_the_feeds_is_too_large() {
    let copy = Copy::new();
    copy.change("size", |value| value["measurements"][2]["zip_bytes"] = json!(6_000_001));
    copy.refuses("the package of Evertoken feed has 6000001 bytes, more than 6000000");
}

#[test]
fn publishes_nothing_if_the_commit_is_not_known() {
    let copy = Copy::new();
    copy.change("size", |value| value["provenance"]["commit"] = json!("uncommitted changes"));
    copy.refuses("\"uncommitted changes\" is not a commit");
}

#[test]
fn publishes_nothing_if_a_result_is_missing() {
    let copy = Copy::new();
    std::fs::remove_file(copy.path().join("bench/results/instructions.json")).unwrap();
    copy.refuses("instructions.json cannot be published");
}

#[test]
fn records_nothing_about_binaries_of_another_commit() {
    for programs in [BINARIES, FEED_PROGRAMS] {
        let folder = tempfile::tempdir().unwrap();
        let check = || programs.check(folder.path(), "new").map_err(|error| error.to_string());
        let unknown = format!("the commit of the binaries is not known: run make {}", programs.target);
        assert_eq!(check(), Err(unknown));
        let mut digests = String::new();
        for &name in programs.names {
            std::fs::write(folder.path().join(name), name).unwrap();
            let digest = hex::encode(Sha256::digest(name));
            digests.extend([digest.as_str(), "  ", name, "\n"]);
        }
        std::fs::write(folder.path().join(programs.stamp), format!("old\n{digests}")).unwrap();
        assert!(check().unwrap_err().contains("the binaries are of another commit (old, not new)"));
        std::fs::write(folder.path().join(programs.stamp), format!("new\n{digests}")).unwrap();
        check().unwrap();
        std::fs::write(folder.path().join(programs.names[1]), "replaced").unwrap();
        assert!(check().unwrap_err().contains(&format!("{} has changed since it was built", programs.names[1])));
    }
}

/// Their names here and in the Makefile.
#[test]
fn the_makefile_notes_the_commit_of_all_measured_programs() {
    let makefile = std::fs::read_to_string(root().join("Makefile")).unwrap();
    for programs in [BINARIES, FEED_PROGRAMS] {
        let recipe = makefile.split(&format!("\n{}:", programs.target)).nth(1).unwrap().split("\n\n").next().unwrap();
        assert!(recipe.contains(&format!("sha256sum {};", programs.names.join(" "))), "{recipe}");
        assert!(recipe.contains("$(BUILT_COMMIT)") && recipe.contains(&format!("/{}", programs.stamp)), "{recipe}");
    }
}
