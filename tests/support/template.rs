//! The project's CloudFormation templates.

use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::LazyLock;

use serde_json::Value;

use crate::{venv, workspace};

/// A template after the SAM transform, with YAML's short forms expanded.
#[derive(Clone, Debug)]
pub struct Template(pub Value);

impl Template {
    /// Returns `template.yaml`.
    pub fn main() -> &'static Self {
        static MAIN: LazyLock<Template> = LazyLock::new(|| Template::translated("template.yaml"));
        &MAIN
    }

    /// Returns `infra/alarms.yaml`, a nested stack of the main template.
    pub fn alarms() -> &'static Self {
        static ALARMS: LazyLock<Template> = LazyLock::new(|| Template::translated("infra/alarms.yaml"));
        &ALARMS
    }

    /// Returns `infra/removal.yaml`, an optional nested stack of the main template.
    pub fn removal() -> &'static Self {
        static REMOVAL: LazyLock<Template> = LazyLock::new(|| Template::translated("infra/removal.yaml"));
        &REMOVAL
    }

    /// Returns `infra/feed.yaml`, an optional nested stack of the main template.
    pub fn feed() -> &'static Self {
        static FEED: LazyLock<Template> = LazyLock::new(|| Template::translated("infra/feed.yaml"));
        &FEED
    }

    /// Returns `infra/packed.yaml`, an optional nested stack of the main template.
    pub fn packed() -> &'static Self {
        static PACKED: LazyLock<Template> = LazyLock::new(|| Template::translated("infra/packed.yaml"));
        &PACKED
    }

    /// Returns `infra/reader.yaml`, an optional nested stack of the main template.
    pub fn reader() -> &'static Self {
        static READER: LazyLock<Template> = LazyLock::new(|| Template::translated("infra/reader.yaml"));
        &READER
    }

    /// Returns the part at a JSON pointer for modification.
    pub fn part(&mut self, pointer: &str) -> &mut Value {
        self.0.pointer_mut(pointer).unwrap_or_else(|| panic!("the template has no {pointer}"))
    }

    /// Returns the names and definitions in a section such as `Resources`.
    pub fn section(&self, name: &str) -> impl Iterator<Item = (&str, &Value)> {
        self.0[name].as_object().into_iter().flatten().map(|(name, value)| (name.as_str(), value))
    }

    fn translated(path: &str) -> Self {
        let translated = Command::new(venv::python())
            .arg(workspace::root().join("tests/support/translate.py"))
            .arg(workspace::root().join(Path::new(path)))
            .stderr(Stdio::inherit())
            .output()
            .unwrap();
        assert!(translated.status.success(), "{path} could not be translated");
        Self(serde_json::from_slice(&translated.stdout).unwrap())
    }
}
