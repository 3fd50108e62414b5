//! Checks that the commands in the documentation exist.

use std::path::{Path, PathBuf};

use clap::Parser;
use clap::error::ErrorKind;

use crate::arguments::Arguments;

/// What can precede the name of a program in a line.
const PREFIXES: [&str; 4] = ["$(", "|", "&&", "sudo"];

/// What ends a command within a line.
const OPERATORS: [&str; 6] = ["|", "&&", ";", ">", "<", "\\"];

#[test]
fn every_documented_command_is_valid() {
    let mut commands = 0;
    for (path, text) in documents() {
        for line in shell_lines(&text) {
            for words in evertoken_commands(&line) {
                commands += 1;
                let parsed = Arguments::try_parse_from(&words);
                assert!(parsed.is_ok(), "{}: {line}\n{}", path.display(), parsed.unwrap_err());
            }
        }
    }
    assert!(commands > 50, "found {commands} commands only");
}

/// Prose may leave out what a command requires, as in "`evertoken show`".
#[test]
fn every_command_in_prose_is_known() {
    let incomplete = [ErrorKind::MissingRequiredArgument, ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand];
    let mut commands = 0;
    for (path, text) in documents() {
        for code in inline_code(&text) {
            for words in evertoken_commands(code) {
                commands += 1;
                if let Err(error) = Arguments::try_parse_from(&words) {
                    assert!(incomplete.contains(&error.kind()), "{}: {code}\n{error}", path.display());
                }
            }
        }
    }
    assert!(commands > 50, "found {commands} commands only");
}

#[test]
fn every_documented_make_target_exists() {
    let makefile = std::fs::read_to_string(root().join("Makefile")).unwrap();
    let names = makefile.lines().filter_map(|line| line.split_once(':')).map(|(name, _)| name);
    let targets: Vec<&str> = names.filter(|name| name.chars().all(|c| c == '-' || c.is_ascii_lowercase())).collect();
    let exists = |name: &str| {
        // One target per crate, written as a pattern rule.
        let mutated = name.strip_prefix("mutants-").map(|name| root().join("crates").join(name));
        targets.contains(&name) || mutated.is_some_and(|path| path.is_dir())
    };
    let mut commands = 0;
    for (path, text) in documents() {
        let lines = shell_lines(&text);
        for code in lines.iter().map(String::as_str).chain(inline_code(&text)) {
            let Some(words) = code.trim().strip_prefix("make ") else { continue };
            commands += 1;
            for target in words.split_whitespace().filter(|word| !word.contains('=')) {
                assert!(exists(target), "{}: no target {target}", path.display());
            }
        }
    }
    assert!(commands > 50, "found {commands} commands only");
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// All Markdown files of the project.
fn documents() -> Vec<(PathBuf, String)> {
    let mut folders = vec![root()];
    let mut documents = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            if path.is_dir() && name != "target" && name != "node_modules" && !name.starts_with('.') {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "md") {
                let text = std::fs::read_to_string(&path).unwrap();
                documents.push((path, text));
            }
        }
    }
    documents
}

/// The lines of the shell code blocks. A line that ends with a backslash is joined with the next one.
fn shell_lines(text: &str) -> Vec<String> {
    let mut lines = Vec::new();
    let mut rest = text.lines();
    while rest.any(|line| line.trim() == "```sh") {
        let block: Vec<&str> = rest.by_ref().take_while(|line| line.trim() != "```").collect();
        let block = block.join("\n").replace("\\\n", " ");
        lines.extend(block.lines().map(|line| line.trim().to_owned()));
    }
    lines
}

/// The text between single backticks.
fn inline_code(text: &str) -> impl Iterator<Item = &str> {
    let paragraphs = text.split("```").step_by(2);
    paragraphs.flat_map(|paragraph| paragraph.split('`').skip(1).step_by(2))
}

/// The words of each `evertoken` command in a line of shell code.
fn evertoken_commands(line: &str) -> Vec<Vec<String>> {
    let line = line.replace('\n', " ").replace("cargo run -p evertoken -- ", "evertoken ");
    let (mut commands, mut before, mut rest) = (Vec::new(), String::new(), line.as_str());
    while let Some((head, arguments)) = rest.split_once("evertoken ") {
        before.push_str(head);
        let preceding = before.trim_end();
        let sets_variable =
            before.ends_with(' ') && preceding.split(' ').next_back().is_some_and(|word| word.contains('='));
        if preceding.is_empty() || sets_variable || PREFIXES.iter().any(|prefix| preceding.ends_with(prefix)) {
            commands.push(words(arguments, preceding.ends_with("$(")));
        }
        before.push_str("evertoken ");
        rest = arguments;
    }
    // "COMMAND" stands for any command.
    commands.retain(|words| words[1] != "COMMAND");
    commands
}

/// The words of a command with these arguments, with an account in place of NAME.
fn words(arguments: &str, is_substitution: bool) -> Vec<String> {
    let arguments = if is_substitution { arguments.split(')').next().unwrap() } else { arguments };
    let words = shell_words::split(arguments).unwrap_or_else(|error| panic!("{arguments}: {error}"));
    let words = words.into_iter().take_while(|word| !OPERATORS.contains(&word.as_str()));
    let words = words.map(|word| if word == "NAME" { "my-shop".to_owned() } else { word });
    std::iter::once("evertoken".to_owned()).chain(words).collect()
}
