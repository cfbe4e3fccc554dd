//! What counts as an input besides files, what is made of inputs, and where they count.

mod fingerprints;
mod variables;

use super::support::{Build, World};

fn build(id: &str) -> Build {
    Build::new(id).pipeline("shop")
}
