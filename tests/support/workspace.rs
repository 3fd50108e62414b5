//! The location of the Cargo workspace.

use std::path::Path;

/// Returns the root directory of the workspace.
pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap()
}
