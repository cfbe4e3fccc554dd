//! placeholder until merged
use super::{Tree, TreeError, directory};
use crate::rules::Rules;
use std::path::Path;
/// placeholder
pub fn read(root: &Path, rules: &Rules) -> Result<Tree, TreeError> {
    directory::read(root, rules)
}
