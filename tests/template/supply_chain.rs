//! Everything that is downloaded to build, test and deploy is pinned, by hash where the tool supports it.

use std::fs;

use evertoken_tests::workspace;
use regex_lite::Regex;
use serde_json::Value;

fn read(path: &str) -> String {
    fs::read_to_string(workspace::root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

const REQUIREMENTS: [&str; 7] = [
    "tests/requirements.txt",
    "tests/checkov-requirements.txt",
    "tests/ministack-requirements.txt",
    "tests/recipes-requirements.txt",
    "tests/typos-requirements.txt",
    "tests/zizmor-requirements.txt",
    "bench/baselines/python/requirements.txt",
];

#[test]
fn every_python_package_has_hashes() {
    let package =
        Regex::new(r"^[A-Za-z0-9._-]+(\[[a-z,]+\])?==\S+ --hash=sha256:[0-9a-f]{64}( --hash=sha256:[0-9a-f]{64})*$")
            .unwrap();
    for path in REQUIREMENTS {
        let text = read(path).replace(" \\\n", " ");
        assert!(!text.contains("://"), "{path} names an index");
        let lines: Vec<_> = text.lines().filter(|line| !line.is_empty() && !line.starts_with('#')).collect();
        assert!(!lines.is_empty(), "{path}");
        for line in lines {
            let line = line.split_whitespace().collect::<Vec<_>>().join(" ");
            assert!(package.is_match(&line), "{path}: {line}");
        }
    }
}

#[test]
fn every_npm_package_has_a_hash() {
    for folder in ["tests/browser", "tests/html", "tests/markdown", "tests/recipes", "bench/baselines/node"] {
        let text = read(&format!("{folder}/package-lock.json"));
        assert!(!text.contains("\"resolved\""), "{folder} names a registry");
        let lock: Value = serde_json::from_str(&text).unwrap();
        let manifest: Value = serde_json::from_str(&read(&format!("{folder}/package.json"))).unwrap();
        let packages = lock["packages"].as_object().unwrap();
        for kind in ["dependencies", "devDependencies"] {
            assert_eq!(packages[""].get(kind), manifest.get(kind), "{folder}");
        }
        for (name, package) in packages.iter().filter(|(name, _)| !name.is_empty()) {
            assert!(package["integrity"].as_str().is_some_and(|hash| hash.starts_with("sha512-")), "{folder}: {name}");
        }
    }
}

#[test]
fn the_makefile_and_the_workflows_install_only_with_hashes() {
    let makefile = read("Makefile");
    assert_eq!(makefile.matches("pip install").count(), 1);
    assert!(makefile.contains("PIP_INSTALL := pip install --quiet --require-hashes --no-deps --requirement\n"));
    assert!(makefile.contains("NPM_INSTALL := npm ci ") && !makefile.contains("npm install"));
    let cargo_install = makefile.lines().filter(|line| line.trim_start().starts_with("cargo install"));
    assert!(cargo_install.clone().count() > 2);
    assert!(cargo_install.clone().all(|line| line.contains("--locked")));
    for workflow in ["ci.yml", "deploy.yml", "release.yml"] {
        let text = read(&format!(".github/workflows/{workflow}"));
        for installer in ["pipx", "pip install", "npm install", "npx ", "curl ", "wget "] {
            assert!(!text.contains(installer), "{workflow}: {installer}");
        }
        let action = Regex::new(r"uses: (\S+)").unwrap();
        let pinned = Regex::new(r"^([^@]+@[0-9a-f]{40}|\./\S+)$").unwrap();
        for used in action.captures_iter(&text) {
            assert!(pinned.is_match(&used[1]), "{workflow}: {}", &used[1]);
        }
    }
}

#[test]
fn the_bases_of_the_container_are_pinned_by_digest() {
    let text = read("infra/Containerfile");
    let bases: Vec<_> = text.lines().filter(|line| line.starts_with("FROM ")).collect();
    let pinned = Regex::new(r"^FROM \S+:\S+@sha256:[0-9a-f]{64}( AS \w+)?$").unwrap();
    assert_eq!(bases.len(), 2);
    assert!(bases.iter().all(|base| pinned.is_match(base)), "{bases:?}");
}

#[test]
fn one_rust_version_is_used_everywhere() {
    let version = Regex::new(r#"(?m)^channel = "(\d+\.\d+\.\d+)"$"#).unwrap();
    let toolchain = read("rust-toolchain.toml");
    let version = version.captures(&toolchain).unwrap()[1].to_owned();
    let container = read("infra/Containerfile");
    assert!(container.contains(&format!("/rust:{version}-")) && container.contains(&format!("TOOLCHAIN={version}\n")));
    let installed = Regex::new("rustup toolchain install (\\S+)").unwrap();
    for workflow in ["ci.yml", "release.yml"] {
        let text = read(&format!(".github/workflows/{workflow}"));
        let versions: Vec<_> = installed.captures_iter(&text).map(|found| found[1].to_owned()).collect();
        assert!(versions.contains(&version), "{workflow}");
        assert!(
            versions.iter().all(|each| *each == version || each.starts_with("nightly")),
            "{workflow}: {versions:?}"
        );
    }
}

/// A tool that was tampered with must not find credentials of AWS.
#[test]
fn a_deployment_gets_credentials_after_all_downloads() {
    let text = read(".github/workflows/deploy.yml");
    let position = |text_of_step: &str| text.find(text_of_step).unwrap_or_else(|| panic!("{text_of_step} is missing"));
    let credentials = position("aws-actions/configure-aws-credentials");
    for step in ["actions/checkout@", "make deploy-tools", "gh release download", "gh attestation verify", "unzip"] {
        assert!(position(step) < credentials, "{step}");
    }
    let after = text.get(credentials..).unwrap();
    for download in ["uses: actions/", "make ", "gh ", "unzip"] {
        assert!(!after.contains(download), "{download}");
    }
}

#[test]
fn a_release_has_the_command_for_four_platforms_where_cargo_binstall_looks() {
    let workflow = read(".github/workflows/release.yml");
    for target in
        ["x86_64-unknown-linux-gnu", "aarch64-unknown-linux-gnu", "x86_64-apple-darwin", "aarch64-apple-darwin"]
    {
        assert!(workflow.contains(&format!("target: {target},")), "{target}");
    }
    assert!(workflow.contains("sha256sum *.zip *.tar.gz *.cdx.json"));
    let script = read("infra/release_command.py");
    assert!(script.contains(r#"root = f"evertoken-command-{target}""#) && script.contains(r#"f"{root}.tar.gz""#));
    let manifest = read("crates/cli/Cargo.toml");
    assert!(manifest.contains("/releases/download/v{ version }/evertoken-command-{ target }.tar.gz"));
    assert!(manifest.contains("bin-dir = \"evertoken-command-{ target }/{ bin }\""));
}

#[test]
fn releases_have_bills_of_material_and_provenance() {
    let text = read(".github/workflows/release.yml");
    assert!(text.contains("subject-checksums: files/SHA256SUMS"));
    assert_eq!(text.matches("sbom-path: files/evertoken-").count(), 8);
    assert!(read("Makefile").contains("cyclonedx --quiet --format json"));
}
