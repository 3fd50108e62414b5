//! `evertoken feed`: publishes an account's posts as a feed that needs no token.

mod embed;
mod enable;
mod preview;
mod status;

use clap::{Args, Subcommand};
use evertoken_core::account::AccountName;
use evertoken_feed::report::Report;
use evertoken_feed::request::{FeedStatus, Request, Response};

use crate::context::Context;
use crate::error::{CliError, Result};
use crate::exit_status::ExitStatus;
use crate::feeds::any_publisher::AnyPublisher;
use crate::terminal::output;
use crate::terminal::plural::counted;
use crate::vault::location::VaultLocation;

pub(crate) const HELP: &str = "\
A feed is a public copy of an account's posts: JSON, HTML, Atom and pictures. It needs no token.
With a file vault, `evertoken serve` publishes and serves it. A stack needs the parameter Feed=on.

Examples:
  evertoken feed enable shop-de                   # publish the latest 12 posts
  evertoken feed enable shop-de --unlisted --posts 6 --exclude '#spam'
  evertoken feed embed shop-de --for php          # print the line for a page
  evertoken feed show shop-de --local vault
  evertoken feed disable shop-de                  # delete the feed and its pictures

Exit status 3 means that a feed could not be published or is out of date.";

#[derive(Debug, Args)]
pub(crate) struct Options {
    #[command(subcommand)]
    command: FeedCommand,
}

#[derive(Debug, Subcommand)]
enum FeedCommand {
    /// Publish an account's posts, or change the settings of its feed
    Enable(Box<enable::Options>),
    /// Delete a feed with its pictures and settings
    Disable(Named),
    /// List the feeds
    List(Selected),
    /// Show a feed's addresses, settings and state
    Show(Named),
    /// Publish a feed now
    Refresh(Named),
    /// Show a feed in the browser
    Preview(Named),
    /// Print the code that embeds a feed in a page
    Embed(embed::Options),
}

#[derive(Debug, Args)]
struct Named {
    /// Account name, as shown by `evertoken list`.
    name: AccountName,
    #[command(flatten)]
    vault: VaultLocation,
}

#[derive(Debug, Args)]
struct Selected {
    #[command(flatten)]
    vault: VaultLocation,
}

impl Options {
    pub(crate) fn vault(&self) -> &VaultLocation {
        match &self.command {
            FeedCommand::Enable(options) => &options.vault,
            FeedCommand::Disable(options)
            | FeedCommand::Show(options)
            | FeedCommand::Refresh(options)
            | FeedCommand::Preview(options) => &options.vault,
            FeedCommand::List(options) => &options.vault,
            FeedCommand::Embed(options) => &options.vault,
        }
    }

    pub(crate) fn vault_mut(&mut self) -> &mut VaultLocation {
        match &mut self.command {
            FeedCommand::Enable(options) => &mut options.vault,
            FeedCommand::Disable(options)
            | FeedCommand::Show(options)
            | FeedCommand::Refresh(options)
            | FeedCommand::Preview(options) => &mut options.vault,
            FeedCommand::List(options) => &mut options.vault,
            FeedCommand::Embed(options) => &mut options.vault,
        }
    }

    pub(crate) fn calls_instagram(&self) -> bool {
        matches!(self.command, FeedCommand::Enable(_) | FeedCommand::Refresh(_))
    }
}

pub(crate) async fn feed(options: Options, context: &Context) -> Result<ExitStatus> {
    let publisher = AnyPublisher::at(options.vault(), context).await?;
    match options.command {
        FeedCommand::Enable(options) => {
            let account = options.name.clone();
            let settings = Box::new(options.change());
            let response = publisher.run(Request::Enable { account, settings }, context).await?;
            print_published(&response, context)
        }
        FeedCommand::Refresh(Named { name, .. }) => {
            let response = publisher.run(Request::Publish { account: name }, context).await?;
            print_published(&response, context)
        }
        FeedCommand::Disable(Named { name, .. }) => {
            let response = publisher.run(Request::Disable { account: name.clone() }, context).await?;
            if context.is_json() {
                output::json(&response)?;
            } else {
                output::note(&format!("The feed of {name} is deleted, and its pictures with it."));
            }
            Ok(ExitStatus::Ok)
        }
        FeedCommand::List(_) => match publisher.run(Request::List, context).await? {
            Response::Feeds { feeds } => status::print_all(&feeds, context),
            _ => Err(unexpected()),
        },
        FeedCommand::Show(Named { name, .. }) => status::print(&show(&publisher, name, context).await?, context),
        FeedCommand::Preview(Named { name, .. }) => preview::preview(&show(&publisher, name, context).await?, context),
        FeedCommand::Embed(options) => {
            let feed = show(&publisher, options.name.clone(), context).await?;
            embed::print(&feed, options.target, context)
        }
    }
}

async fn show(publisher: &AnyPublisher, account: AccountName, context: &Context) -> Result<FeedStatus> {
    match publisher.run(Request::Show { account }, context).await? {
        Response::Feed { feed } => Ok(*feed),
        _ => Err(unexpected()),
    }
}

/// Only a Lambda of another version answers with another kind of response.
fn unexpected() -> CliError {
    CliError::UnexpectedResponse { function: "of the feeds".to_owned(), expected: "response to this request" }
}

fn print_published(response: &Response, context: &Context) -> Result<ExitStatus> {
    let (feed, report) = match response {
        Response::Enabled { feed, report } => (Some(feed), report),
        Response::Published { report } => (None, report),
        _ => return Err(unexpected()),
    };
    if context.is_json() {
        output::json(response)?;
        return Ok(exit_status(report));
    }
    for failure in &report.failures {
        output::warning(&format!("{}: {}", failure.account, failure.message));
    }
    if let Some(feed) = feed {
        status::print_details(feed)?;
        let embed = context.vault_option.command(&format!("feed embed {}", feed.account));
        output::note(&format!("To put it on a page: {embed}"));
    } else {
        output::note(summary(report));
    }
    if report.left_out > 0 {
        output::note(&format!("{} without a usable picture.", counted(report.left_out, "post")));
    }
    Ok(exit_status(report))
}

fn summary(report: &Report) -> &'static str {
    match report {
        Report { published: 1.., .. } => "The feed was published.",
        Report { unchanged: 1.., .. } => "Nothing has changed since the last time.",
        Report { removed: 1.., .. } => "The account no longer exists, so its feed was deleted.",
        _ => "The feed stays as it was.",
    }
}

fn exit_status(report: &Report) -> ExitStatus {
    ExitStatus::healthy_if(report.failures.is_empty() && report.stale == 0)
}
