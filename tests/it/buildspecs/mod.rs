//! The published buildspecs, run as CodeBuild would run them. `sh`, git and shipmark are real; docker, aws, terraform and the
//! like are stand-ins that copy bytes into a folder. After each build that succeeded, what lies in that folder is compared
//! with the source: the deciding question is never what the state says, but whether something was skipped that is not deployed.

mod all_services;
mod cases;
mod docker_ecr;
mod ecs;
mod house_rules;
mod install;
mod overlaps;
mod settings;
mod simple;
mod site;
mod systems;
mod two_step;

use site::{Outcome, Site, config, example};
