//! The survival chart of the documentation, as SVG.

use std::fmt::Write;

use evertoken_simulation::{OlderToken, RenewalStrategy};

use super::experiment::{STRATEGIES, Survival, USUAL_FAULTS, year};
use super::statistics::{self, Better, Years};
use super::tables::percent;

const WIDTH: f64 = 760.0;
const TOP: f64 = 112.0;
const HEIGHT: f64 = 200.0;
const LEFT: f64 = 44.0;
const BAR: f64 = 40.0;

/// Draws a group of bars for each fate of the older token, one bar per strategy. The chart follows the reader's color scheme.
pub fn draw(survival: &Survival) -> String {
    let mut svg = String::from(HEAD);
    let mut draw = |piece: String| {
        let _infallible = writeln!(svg, "{piece}");
    };
    draw(format!(
        "<text class=\"title\" x=\"{LEFT}\" y=\"20\">Accounts kept in a simulated year, if {USUAL_FAULTS}% of calls fail</text>"
    ));
    for (place, strategy) in (0_u32..).zip(STRATEGIES) {
        let (x, y) = (LEFT + f64::from(place % 3) * 240.0, 36.0 + f64::from(place / 3) * 18.0);
        draw(format!("<rect class=\"{}\" x=\"{x}\" y=\"{y}\" width=\"11\" height=\"11\"/>", class(strategy)));
        draw(format!("<text x=\"{}\" y=\"{}\">{}</text>", x + 16.0, y + 10.0, strategy.title()));
    }
    let bottom = TOP + HEIGHT;
    for share in [0.0, 25.0, 50.0, 75.0, 100.0] {
        let y = bottom - HEIGHT * share / 100.0;
        draw(format!("<line class=\"grid\" x1=\"{LEFT}\" y1=\"{y}\" x2=\"{WIDTH}\" y2=\"{y}\"/>"));
        draw(format!("<text class=\"end\" x=\"{}\" y=\"{}\">{share}%</text>", LEFT - 6.0, y + 4.0));
    }
    let room = (WIDTH - LEFT) / 2.0;
    let groups = [
        (OlderToken::Valid, "The older token stays valid"),
        (OlderToken::Dies, "A refresh invalidates the older token"),
    ];
    for (group, (older_token, title)) in (0_u32..).map(f64::from).zip(groups) {
        let middle = LEFT + room * (group + 0.5);
        for (place, strategy) in (0_u32..).map(f64::from).zip(STRATEGIES) {
            let years = survival.of(&year(strategy, USUAL_FAULTS, older_token));
            let kept = percent(Years::of(&years, Better::More, statistics::kept_percent).median);
            let height = HEIGHT * kept.parse::<f64>().unwrap_or_default() / 100.0;
            let (x, y) = (middle + (place - 3.5) * (BAR + 4.0), bottom - height);
            draw(format!(
                "<rect class=\"{}\" x=\"{x:.1}\" y=\"{y:.1}\" width=\"{BAR}\" height=\"{height:.1}\"><title>{}: {kept}% kept</title></rect>",
                class(strategy),
                strategy.title(),
            ));
            draw(format!("<text class=\"middle\" x=\"{:.1}\" y=\"{:.1}\">{kept}</text>", x + BAR / 2.0, y - 4.0));
        }
        draw(format!("<text class=\"middle\" x=\"{middle:.1}\" y=\"{}\">{title}</text>", bottom + 18.0));
    }
    svg.push_str("</svg>\n");
    svg
}

fn class(strategy: RenewalStrategy) -> &'static str {
    match strategy {
        RenewalStrategy::Evertoken => "ours",
        RenewalStrategy::Weekly | RenewalStrategy::WeeklyUntilFirstError => "weekly",
        RenewalStrategy::DailyFromDay30 => "daily",
        RenewalStrategy::MonthlyThreeTries => "tries",
        RenewalStrategy::MonthlyOneTry => "monthly",
        RenewalStrategy::TwoDaysBeforeExpiry => "late",
        RenewalStrategy::OnUseOnly => "use",
    }
}

const HEAD: &str = r#"<svg xmlns="http://www.w3.org/2000/svg" viewBox="-6 0 776 345" role="img" aria-label="Accounts kept in a simulated year, by renewal strategy">
<style>
text { font: 12px system-ui, sans-serif; fill: #59636e; }
.title { font-size: 15px; font-weight: 600; fill: #1b1f24; }
.middle { text-anchor: middle; } .end { text-anchor: end; }
.grid { stroke: #d8dee4; }
.ours { fill: #1a7f37; } .late { fill: #0969da; } .monthly { fill: #bf8700; } .weekly { fill: #cf222e; } .use { fill: #8250df; }
.daily { fill: #1b7c83; } .tries { fill: #bf3989; }
@media (prefers-color-scheme: dark) {
  text { fill: #9198a1; } .title { fill: #e6edf3; } .grid { stroke: #30363d; }
  .ours { fill: #3fb950; } .late { fill: #58a6ff; } .monthly { fill: #d29922; } .weekly { fill: #f85149; } .use { fill: #bc8cff; }
  .daily { fill: #39c5cf; } .tries { fill: #db61a2; }
}
</style>
"#;
