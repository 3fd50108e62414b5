//! Replays the inputs of every fuzz target, without a fuzzer.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test may panic")]

use std::collections::BTreeSet;
use std::fs;
use std::panic::catch_unwind;
use std::path::{Path, PathBuf};

use evertoken_fuzz_checks::TARGETS;

/// So that the repository stays small.
const LARGEST_CORPUS: u64 = 300_000;

fn fuzz() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz")
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut files: Vec<_> = fs::read_dir(folder).unwrap().map(|file| file.unwrap().path()).collect();
    files.sort();
    files
}

fn inputs(target: &str) -> Vec<PathBuf> {
    ["seeds", "corpus"].iter().flat_map(|folder| files(&fuzz().join(folder).join(target))).collect()
}

#[test]
fn every_input_in_the_corpus_passes_its_check() {
    for (target, check) in TARGETS {
        let mut accepted = BTreeSet::new();
        for file in inputs(target) {
            let data = fs::read(&file).unwrap();
            let result = catch_unwind(|| check(&data));
            accepted.insert(result.unwrap_or_else(|_| panic!("{target} fails with {}", file.display())));
        }
        assert_eq!(accepted, BTreeSet::from([false, true]), "{target} needs inputs that are accepted and refused");
    }
}

#[test]
fn every_fuzz_target_has_a_binary_and_a_corpus() {
    let names: BTreeSet<String> = TARGETS.iter().map(|(name, _)| (*name).to_owned()).collect();
    let stems = |folder: &str| {
        let stem = |file: &PathBuf| file.file_stem().unwrap().to_str().unwrap().to_owned();
        files(&fuzz().join(folder)).iter().map(stem).collect::<BTreeSet<_>>()
    };
    for folder in ["fuzz_targets", "seeds", "corpus"] {
        assert_eq!(stems(folder), names, "{folder}");
    }
    let manifest = fs::read_to_string(fuzz().join("Cargo.toml")).unwrap();
    for name in &names {
        assert!(manifest.contains(&format!("name = \"{name}\"")), "{name}");
    }
    let all = names.iter().flat_map(|name| inputs(name));
    let size: u64 = all.map(|file| fs::metadata(file).unwrap().len()).sum();
    assert!(size < LARGEST_CORPUS, "{size} bytes");
}
