//! `docs/account.schema.json`, checked by somebody else's code.

use std::io::Write;
use std::process::{Command, Stdio};

use crate::venv;

const VALIDATE: &str = "import json, sys, jsonschema
jsonschema.validate(json.load(sys.stdin), json.load(open(sys.argv[1])), jsonschema.Draft202012Validator)";

/// Fails if the text is no account document.
pub fn assert_valid(document: &str) {
    let mut validator = Command::new(venv::python())
        .args(["-c", VALIDATE])
        .arg(venv::root().join("docs/account.schema.json"))
        .stdin(Stdio::piped())
        .spawn()
        .unwrap();
    validator.stdin.take().unwrap().write_all(document.as_bytes()).unwrap();
    assert!(validator.wait().unwrap().success(), "not by the schema, see above");
}
