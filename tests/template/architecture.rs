//! The architecture that the operator chose survives every later build, and a release contains one architecture only.
//!
//! `sam build` is real. A stand-in for cargo-lambda writes programs that consist of an ELF header.

use std::fs;
use std::path::Path;
use std::process::Command;

use evertoken_tests::{venv, workspace};
use tempfile::TempDir;

/// Writes a program for the architecture that the arguments name, where cargo-lambda does.
const CARGO: &str = r#"#!/bin/sh
machine='\076'
for argument; do
  case "$argument" in --arm64) machine='\267' ;; evertoken-*) binary="$argument" ;; esac
done
test "$1" = lambda || exit 0
mkdir -p "target/lambda/$binary"
printf "\177ELF\002\001\001\000\000\000\000\000\000\000\000\000\003\000$machine\000" > "target/lambda/$binary/bootstrap"
"#;

/// A copy of the files that a deployment from source uses.
struct Checkout(TempDir);

impl Checkout {
    fn new() -> Self {
        let folder = TempDir::new().unwrap();
        let path = folder.path();
        for file in [
            "template.yaml",
            "samconfig.toml",
            "Cargo.toml",
            "infra/alarms.yaml",
            "infra/removal.yaml",
            "infra/feed.yaml",
            "infra/packed.yaml",
            "infra/reader.yaml",
            "crates/feed-function/Cargo.toml",
        ] {
            fs::create_dir_all(path.join(file).parent().unwrap()).unwrap();
            fs::copy(workspace::root().join(file), path.join(file)).unwrap();
        }
        fs::create_dir(path.join("bin")).unwrap();
        fs::write(path.join("bin/cargo"), CARGO).unwrap();
        let executable = std::os::unix::fs::PermissionsExt::from_mode(0o755);
        fs::set_permissions(path.join("bin/cargo"), executable).unwrap();
        Self(folder)
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    /// Runs a tool of the Python environment, and returns its standard output.
    fn run(&self, tool: &str, arguments: &[&str]) -> String {
        let tools = venv::python().parent().unwrap().to_owned();
        let path = format!("{}:{}:/usr/bin:/bin", self.path().join("bin").display(), tools.display());
        let output = Command::new(tools.join(tool))
            .args(arguments)
            .current_dir(self.path())
            .env_clear()
            .envs([("PATH", path.as_str()), ("HOME", self.path().to_str().unwrap())])
            .envs([("SAM_CLI_TELEMETRY", "0"), ("AWS_DEFAULT_REGION", "us-east-1"), ("LC_ALL", "C.UTF-8")])
            .envs([("AWS_ACCESS_KEY_ID", "test"), ("AWS_SECRET_ACCESS_KEY", "test")])
            .output()
            .unwrap();
        assert!(output.status.success(), "{tool} {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }

    fn infra(&self, script: &str, arguments: &[&str]) {
        let script = workspace::root().join("infra").join(script);
        let all: Vec<&str> = std::iter::once(script.to_str().unwrap()).chain(arguments.iter().copied()).collect();
        self.run("python", &all);
    }

    /// Saves parameters as `sam deploy --guided` does, with the same code.
    fn save_answers(&self, answers: &str) {
        let save = format!(
            "from samcli.lib.config.samconfig import SamConfig\n\
             config = SamConfig('.', 'samconfig.toml')\n\
             config.put(['deploy'], 'parameters', 'parameter_overrides', '{answers}')\n\
             config.flush()"
        );
        self.run("python", &["-c", &save]);
    }

    /// Runs `sam build`, and returns the machine in the ELF header of all functions.
    fn build(&self) -> [u8; 4] {
        self.run("sam", &["build"]);
        ["CallbackFunction", "RefreshFunction", "Feeds/Function", "TokenReader/Function"].map(|function| {
            let program = self.path().join(".aws-sam/build").join(function).join("bootstrap");
            fs::read(program).unwrap()[18]
        })
    }

    fn saved(&self) -> String {
        fs::read_to_string(self.path().join("samconfig.toml")).unwrap()
    }
}

const ARM64: [u8; 4] = [0xb7; 4];
const X86_64: [u8; 4] = [0x3e; 4];

#[test]
fn the_chosen_architecture_survives_a_guided_deployment_and_the_next_build() {
    let checkout = Checkout::new();
    assert_eq!(checkout.build(), ARM64);
    checkout.infra("set_architecture.py", &["x86_64"]);
    assert_eq!(checkout.build(), X86_64);
    checkout.save_answers(
        r#"AlarmEmail="me@example.com" AccountTags="team=web shop" Architecture="x86_64" LogLevel="INFO""#,
    );
    assert_eq!(checkout.build(), X86_64);
    // The choice can be changed, and everything else that was saved stays.
    checkout.infra("set_architecture.py", &["arm64"]);
    assert_eq!(checkout.build(), ARM64);
    let saved = checkout.saved();
    let deploy = saved.lines().filter(|line| line.starts_with("parameter_overrides")).collect::<Vec<_>>().join("\n");
    for kept in ["me@example.com", "team=web shop", "LogLevel"] {
        assert!(deploy.contains(kept), "{deploy}");
    }
    assert_eq!((deploy.matches("Architecture=arm64").count(), deploy.matches("x86_64").count()), (2, 0), "{deploy}");
}

#[test]
fn a_release_accepts_only_the_architecture_that_it_contains() {
    let checkout = Checkout::new();
    checkout.infra("set_architecture.py", &["x86_64"]);
    assert_eq!(checkout.build(), X86_64);
    checkout.infra("release_files.py", &["x86_64"]);
    for function in ["callback", "refresh", "feed", "reader"] {
        assert!(checkout.path().join(format!("target/release-files/evertoken-{function}-x86_64.zip")).exists());
    }
    let print = "import zipfile\n\
        print(zipfile.ZipFile('target/release-files/evertoken-x86_64.zip').read('evertoken-x86_64/template.yaml').decode())";
    let template = checkout.run("python", &["-c", print]);
    let (_, parameter) = template.split_once("\n  Architecture:\n").unwrap();
    let (parameter, _) = parameter.split_once("    Description:").unwrap();
    assert_eq!(parameter, "    Type: String\n    Default: x86_64\n    AllowedValues:\n    - x86_64\n");
}
