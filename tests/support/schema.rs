//! Validates account documents against `docs/account.schema.json` with an independent implementation of JSON Schema.

use std::io::Write;
use std::process::{Command, Stdio};

use crate::{venv, workspace};

const VALIDATE: &str = "import json, sys, jsonschema
jsonschema.validate(json.load(sys.stdin), json.load(open(sys.argv[1])), jsonschema.Draft202012Validator)";

/// Panics if the text is not a valid account document.
pub fn assert_valid(document: &str) {
    let mut validator = Command::new(venv::python())
        .args(["-c", VALIDATE])
        .arg(workspace::root().join("docs/account.schema.json"))
        .stdin(Stdio::piped())
        .spawn()
        .unwrap();
    validator.stdin.take().unwrap().write_all(document.as_bytes()).unwrap();
    assert!(validator.wait().unwrap().success(), "the document does not match the schema: see above");
}
