//! The five steps of the deployment in README, with its own commands.

use evertoken_tests::aws_account::AwsAccount;
use evertoken_tests::sam::Package;
use evertoken_tests::{venv, workspace};

const STACK: &str = "evertoken";
const EMAIL: &str = "me@example.test";

/// The section "Deploy in five steps".
fn section() -> String {
    let readme = std::fs::read_to_string(workspace::root().join("README.md")).unwrap();
    readme.split("\n## ").find(|section| section.starts_with("Deploy in five steps")).unwrap().to_owned()
}

fn commands() -> Vec<String> {
    let section = section();
    let blocks = section.split("```sh\n").skip(1).map(|rest| rest.split("```").next().unwrap());
    blocks.flat_map(str::lines).map(|line| line.trim().to_owned()).filter(|line| !line.is_empty()).collect()
}

/// The literal answer that the section's table gives for a question. Enter if it gives none.
fn answer(question: &str) -> String {
    let section = section();
    let row = section.lines().find_map(|line| line.strip_prefix(&format!("| `{question}` | ")));
    row.and_then(|value| value.strip_prefix('`')?.split('`').next()).unwrap_or_default().to_owned()
}

/// Answers the questions of `sam deploy --guided` as README says: with an address for `AlarmEmail`, and otherwise as its table.
async fn deploy(owner: &AwsAccount, package: &Package, arguments: &[&str]) {
    let template = std::fs::read_to_string(workspace::root().join("template.yaml")).unwrap();
    let parameters = template.split("\nParameters:\n").nth(1).unwrap().split("\n\nRules:").next().unwrap();
    let names = parameters.lines().filter_map(|line| line.strip_prefix("  ")?.strip_suffix(':'));
    let names = names.map(|name| if name == "AlarmEmail" { EMAIL.to_owned() } else { answer(name) });
    let questions = [
        "Confirm changes before deploy",
        "Allow SAM CLI IAM role creation",
        "Disable rollback",
        "Save arguments to configuration file",
        "SAM configuration file",
        "SAM configuration environment",
        "Deploy this changeset?",
    ];
    let before = ["Stack Name", "AWS Region"].map(answer);
    let answers: Vec<String> = before.into_iter().chain(names).chain(questions.map(answer)).collect();
    let deployed = package.sam(arguments, &owner.aws.variables(), &(answers.join("\n") + "\n")).await;
    let output = deployed.unwrap_or_else(|output| panic!("{output}\n{}", owner.aws.log()));
    for text in ["Parameter AlarmEmail []", "Deploy this changeset?", "Successfully created/updated stack"] {
        assert!(output.contains(text), "expected {text:?}:\n{output}");
    }
}

#[tokio::test]
async fn the_five_steps_of_the_readme_connect_an_account() {
    let owner = AwsAccount::new().await;
    let package = owner.package().await;
    let project = workspace::root();
    std::fs::copy(project.join("samconfig.toml"), package.folder().join("samconfig.toml")).unwrap();
    // This machine's architecture, as README's link explains.
    let architecture = if cfg!(target_arch = "aarch64") { "arm64" } else { "x86_64" };
    let mut choose = std::process::Command::new(venv::python());
    choose.arg(project.join("infra/set_architecture.py")).arg(architecture).current_dir(package.folder());
    assert!(choose.status().unwrap().success());

    let mut invite = None;
    for command in commands() {
        let words: Vec<&str> = command.split(' ').collect();
        match words.as_slice() {
            // The tests have these tools, and the package contains binaries that are already built.
            ["make", "deploy-tools"] | ["export", ..] | ["sam", "build"] => {}
            ["sam", arguments @ ..] => deploy(&owner, &package, arguments).await,
            ["cargo", "run", "-p", "evertoken", "--", "setup"] => {
                let input = format!("\n{}\n{}\n\n\n", owner.settings.app_id, owner.settings.app_secret);
                owner.evertoken_with_input(&["setup"], &input).await.expect_code(0);
                // Step 4.
                owner.register_redirect_uri(STACK).await;
            }
            ["cargo", "run", "-p", "evertoken", "--", arguments @ ..] => {
                invite = Some(owner.evertoken(arguments).await.expect_code(0));
            }
            _ => panic!("this test does not know README's command `{command}`"),
        }
    }
    let invite = invite.expect("README's last command invites");
    let page = owner.log_in(&invite.stdout.trim().parse().unwrap(), "blue_bottle").await;
    assert_eq!((page.status, page.url.path()), (200, "/connected"), "{}", page.body);
    assert_eq!(owner.document("evertoken/accounts/my-shop").await["health"]["state"], "healthy");
    let topic = owner.resource(STACK, "Alarms.Topic").await;
    assert_eq!(owner.subscribers(&topic).await, [EMAIL]);
    assert_eq!(owner.complaints(STACK).await, [""; 0]);
}
