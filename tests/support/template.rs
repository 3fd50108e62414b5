//! The project's templates, in the form that CloudFormation receives.

use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::LazyLock;

use serde_json::Value;

use crate::venv;

/// A template after the SAM transform, with YAML short forms such as `!Ref` expanded.
#[derive(Clone, Debug)]
pub struct Template(pub Value);

impl Template {
    /// `template.yaml`.
    pub fn main() -> &'static Self {
        static MAIN: LazyLock<Template> = LazyLock::new(|| Template::translate("template.yaml"));
        &MAIN
    }

    /// `infra/alarms.yaml`, which the main template nests.
    pub fn alarms() -> &'static Self {
        static ALARMS: LazyLock<Template> = LazyLock::new(|| Template::translate("infra/alarms.yaml"));
        &ALARMS
    }

    /// `infra/removal.yaml`, which the main template nests if `AccountsOnDeletion` is `remove`.
    pub fn removal() -> &'static Self {
        static REMOVAL: LazyLock<Template> = LazyLock::new(|| Template::translate("infra/removal.yaml"));
        &REMOVAL
    }

    /// The value at a JSON pointer, for tests that change the template.
    pub fn value_mut(&mut self, pointer: &str) -> &mut Value {
        self.0.pointer_mut(pointer).unwrap_or_else(|| panic!("the template has no {pointer}"))
    }

    /// The names and definitions in a section such as `Resources`.
    pub fn section(&self, name: &str) -> impl Iterator<Item = (&str, &Value)> {
        self.0[name].as_object().into_iter().flatten().map(|(name, value)| (name.as_str(), value))
    }

    fn translate(path: &str) -> Self {
        let output = Command::new(venv::python())
            .arg(venv::root().join("tests/support/translate.py"))
            .arg(venv::root().join(Path::new(path)))
            .stderr(Stdio::inherit())
            .output()
            .unwrap();
        assert!(output.status.success(), "could not translate {path}");
        Self(serde_json::from_slice(&output.stdout).unwrap())
    }
}
