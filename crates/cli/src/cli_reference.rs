//! Renders docs/cli.md from the definition of the command line.

use std::fmt::Write;
use std::path::Path;

use clap::{Arg, Command, CommandFactory};

use crate::arguments::Arguments;

/// Set this variable to rewrite the file.
const UPDATE: &str = "UPDATE_CLI_REFERENCE";

const WIDTH: usize = 120;

const INTRODUCTION: &str = "\
# Command-line reference

<!-- Generated from the command's own help by a test. To update this file, run
     UPDATE_CLI_REFERENCE=1 cargo test -p evertoken cli_reference -->

All commands and options of `evertoken`. The same text is available as `evertoken COMMAND --help`, and as man pages from
`evertoken man`.

";

const EXIT_STATUS: &str = "\
## Exit status

| Exit status | Meaning |
|---|---|
| 0 | Success |
| 1 | Failure |
| 2 | Wrong usage: an option, an argument or an environment variable |
| 3 | Success, but something needs attention: an account is not healthy, or a check found a problem |

Errors are printed to standard error as `error: ...`, followed by `hint: ...`. With `--json`, an error is one line:
`{\"error\":{\"message\":\"...\",\"help\":\"...\"}}`.
";

#[test]
fn cli_reference_is_current() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/cli.md");
    let reference = render();
    if std::env::var_os(UPDATE).is_some() {
        std::fs::write(&path, &reference).unwrap();
    }
    let current = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(current == reference, "docs/cli.md is out of date: run {UPDATE}=1 cargo test -p evertoken cli_reference");
}

fn render() -> String {
    let mut root = Arguments::command();
    // Fills in usage and global options.
    root.build();
    let mut text = INTRODUCTION.to_owned();
    text.push_str("| Command | Description |\n|---|---|\n");
    for command in commands(&root) {
        let name = command.get_name();
        writeln!(text, "| [`{name}`](#evertoken-{name}) | {} |", about(command)).unwrap();
    }
    text.push_str("\n## Options of every command\n");
    options(&mut text, root.get_arguments().filter(|arg| arg.is_global_set()));
    writeln!(text, "\n{EXIT_STATUS}").unwrap();
    for command in commands(&root) {
        section(&mut text, "##", &format!("evertoken {}", command.get_name()), command);
    }
    text.trim_end().to_owned() + "\n"
}

/// Writes a command's section and, below it, those of its subcommands.
fn section(text: &mut String, level: &str, path: &str, command: &Command) {
    writeln!(text, "{level} {path}\n\n{}.\n", about(command)).unwrap();
    let usage = command.clone().render_usage().to_string();
    let usage: Vec<_> = usage.trim_start_matches("Usage: ").lines().map(str::trim).collect();
    writeln!(text, "```text\n{}\n```", usage.join("\n")).unwrap();
    options(text, command.get_arguments().filter(|arg| !arg.is_global_set() && arg.get_id() != "help"));
    if let Some(help) = command.get_after_help() {
        prose(text, &help.to_string());
    }
    text.push('\n');
    for subcommand in commands(command) {
        section(text, &format!("{level}#"), &format!("{path} {}", subcommand.get_name()), subcommand);
    }
}

fn commands(root: &Command) -> impl Iterator<Item = &Command> {
    root.get_subcommands().filter(|command| command.get_name() != "help")
}

fn about(command: &Command) -> String {
    command.get_about().unwrap().to_string()
}

fn options<'a>(text: &mut String, arguments: impl Iterator<Item = &'a Arg>) {
    let rows: Vec<_> =
        arguments.map(|argument| format!("| {} | {} |", name(argument), description(argument))).collect();
    if !rows.is_empty() {
        writeln!(text, "\n| Argument or option | Description |\n|---|---|\n{}", rows.join("\n")).unwrap();
    }
}

fn name(argument: &Arg) -> String {
    let value = argument.get_value_names().filter(|_| argument.get_action().takes_values());
    let value = value.map(|names| names.iter().map(|name| format!("<{name}>")).collect::<Vec<_>>().join(" "));
    let short = argument.get_short().map_or_else(String::new, |short| format!("-{short}, "));
    match (argument.get_long(), value) {
        (Some(long), Some(value)) => format!("`{short}--{long} {value}`"),
        (Some(long), None) => format!("`{short}--{long}`"),
        (None, value) => format!("`{}`", value.unwrap_or_default()),
    }
}

fn description(argument: &Arg) -> String {
    let mut text = argument.get_help().unwrap().to_string();
    if !text.ends_with('.') {
        text.push('.');
    }
    let defaults: Vec<_> = argument.get_default_values().iter().map(|value| value.to_string_lossy()).collect();
    if !defaults.is_empty() && argument.get_action().takes_values() {
        write!(text, " Default: `{}`.", defaults.join(" ")).unwrap();
    }
    let values: Vec<_> = argument.get_possible_values().iter().map(|value| format!("`{}`", value.get_name())).collect();
    if !values.is_empty() && argument.get_action().takes_values() {
        write!(text, " One of {}.", values.join(", ")).unwrap();
    }
    if let Some(variable) = argument.get_env() {
        write!(text, " Environment variable: `{}`.", variable.to_string_lossy()).unwrap();
    }
    text.replace('|', "\\|")
}

/// Indented lines become code blocks, all other lines paragraphs.
fn prose(text: &mut String, help: &str) {
    for block in help.split("\n\n") {
        let mut lines = block.lines().peekable();
        while lines.peek().is_some() {
            let mut paragraph = Vec::new();
            while let Some(line) = lines.next_if(|line| !line.starts_with("  ")) {
                paragraph.push(line);
            }
            if !paragraph.is_empty() {
                writeln!(text, "\n{}", wrap(&paragraph.join(" "))).unwrap();
            }
            let mut code = Vec::new();
            while let Some(line) = lines.next_if(|line| line.starts_with("  ")) {
                code.push(line.strip_prefix("  ").unwrap());
            }
            if !code.is_empty() {
                let language = if code[0].contains("evertoken") || code[0].starts_with("curl") { "sh" } else { "text" };
                writeln!(text, "\n```{language}\n{}\n```", code.join("\n")).unwrap();
            }
        }
    }
}

fn wrap(text: &str) -> String {
    let (mut lines, mut line) = (Vec::new(), String::new());
    for word in text.split(' ') {
        if !line.is_empty() && line.len() + 1 + word.len() > WIDTH {
            lines.push(std::mem::take(&mut line));
        }
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
    }
    lines.push(line);
    lines.join("\n")
}
