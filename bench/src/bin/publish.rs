//! `publish`: writes the figures of the committed results into the documentation. If a result is missing or incomplete, it
//! writes nothing.

use anyhow::Result;
use evertoken_bench::implementations::root;
use evertoken_bench::published::publish;

fn main() -> Result<()> {
    publish(&root())
}
