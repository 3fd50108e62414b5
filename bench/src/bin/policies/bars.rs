//! The measurements as an SVG bar chart.

use std::fmt::Write;

use evertoken_simulation::RenewalStrategy;

use crate::measurements::{Measurements, percent};

const WIDTH: f64 = 760.0;
const TOP: f64 = 92.0;
const HEIGHT: f64 = 220.0;
const LEFT: f64 = 44.0;
const BAR: f64 = 28.0;

/// Draws a group of bars per fault rate, one bar per strategy. The chart follows the reader's color scheme.
pub(crate) fn draw(measurements: &Measurements) -> String {
    let experiment = &measurements.experiment;
    let mut svg = String::from(HEAD);
    let mut draw = |piece: String| {
        let _infallible = writeln!(svg, "{piece}");
    };
    draw(format!(
        "<text class=\"title\" x=\"{LEFT}\" y=\"20\">Accounts kept, of {} in a simulated year</text>",
        experiment.accounts
    ));
    for (place, policy) in (0_u32..).map(f64::from).zip(RenewalStrategy::ALL) {
        // Three in the first row of the legend, two in the second.
        let (column, line) = if place < 3.0 { (place, 0.0) } else { (place - 3.0, 1.0) };
        let (x, y) = (LEFT + column * 230.0, 36.0 + line * 18.0);
        draw(format!("<rect class=\"{}\" x=\"{x}\" y=\"{y}\" width=\"11\" height=\"11\"/>", class(policy)));
        draw(format!("<text x=\"{}\" y=\"{}\">{}</text>", x + 16.0, y + 10.0, policy.title()));
    }
    let bottom = TOP + HEIGHT;
    for share in [0.0, 25.0, 50.0, 75.0, 100.0] {
        let y = bottom - HEIGHT * share / 100.0;
        draw(format!("<line class=\"grid\" x1=\"{LEFT}\" y1=\"{y}\" x2=\"{WIDTH}\" y2=\"{y}\"/>"));
        draw(format!("<text class=\"end\" x=\"{}\" y=\"{}\">{share}%</text>", LEFT - 6.0, y + 4.0));
    }
    let groups = f64::from(u32::try_from(experiment.faults.len()).unwrap_or(1).max(1));
    let room = (WIDTH - LEFT) / groups;
    for (group, faults) in (0_u32..).map(f64::from).zip(&experiment.faults) {
        let middle = LEFT + room * (group + 0.5);
        for (place, policy) in (0_u32..).map(f64::from).zip(RenewalStrategy::ALL) {
            let kept = measurements.kept_percent(policy, *faults);
            let (x, height) = (middle + (place - 2.5) * (BAR + 2.0), HEIGHT * kept / 100.0);
            let y = bottom - height;
            let tooltip = format!("{}, {faults}% of calls fail: {}% kept", policy.title(), percent(kept));
            draw(format!(
                "<rect class=\"{}\" x=\"{x:.1}\" y=\"{y:.1}\" width=\"{BAR}\" height=\"{height:.1}\"><title>{tooltip}</title></rect>",
                class(policy)
            ));
            let label = percent(kept);
            draw(format!("<text class=\"middle\" x=\"{:.1}\" y=\"{:.1}\">{label}</text>", x + BAR / 2.0, y - 4.0));
        }
        draw(format!(
            "<text class=\"middle\" x=\"{middle:.1}\" y=\"{}\">{faults}% of calls fail</text>",
            bottom + 18.0
        ));
    }
    svg.push_str("</svg>\n");
    svg
}

fn class(policy: RenewalStrategy) -> &'static str {
    match policy {
        RenewalStrategy::Evertoken => "ours",
        RenewalStrategy::TwoDaysBeforeExpiry => "late",
        RenewalStrategy::MonthlyCron => "monthly",
        RenewalStrategy::WeeklyUntilFirstError => "weekly",
        RenewalStrategy::OnUseOnly => "use",
    }
}

const HEAD: &str = r#"<svg xmlns="http://www.w3.org/2000/svg" viewBox="-6 0 776 345" role="img" aria-label="Accounts kept in a simulated year, by renewal strategy and fault rate">
<style>
text { font: 12px system-ui, sans-serif; fill: #59636e; }
.title { font-size: 15px; font-weight: 600; fill: #1b1f24; }
.middle { text-anchor: middle; } .end { text-anchor: end; }
.grid { stroke: #d8dee4; }
.ours { fill: #1a7f37; } .late { fill: #0969da; } .monthly { fill: #bf8700; } .weekly { fill: #cf222e; } .use { fill: #8250df; }
@media (prefers-color-scheme: dark) {
  text { fill: #9198a1; } .title { fill: #e6edf3; } .grid { stroke: #30363d; }
  .ours { fill: #3fb950; } .late { fill: #58a6ff; } .monthly { fill: #d29922; } .weekly { fill: #f85149; } .use { fill: #bc8cff; }
}
</style>
"#;
