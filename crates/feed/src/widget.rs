//! The widget `<evertoken-feed>`.

/// The widget's script, as it is served.
pub const SCRIPT: &[u8] = include_bytes!("../widget/evertoken-feed.js");
