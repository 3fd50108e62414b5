//! The survival chart of the documentation, as SVG.
