//! The integration tests, one binary: each module tests the program from outside, or against git and shells.

#![expect(clippy::disallowed_methods, reason = "tests make files, and give the program an environment")]

// The attribute tells clippy that helpers, too, are test code, where `unwrap` is allowed.
#[cfg(test)]
mod agreement;
mod bad_input;
#[cfg(test)]
mod bad_state;
#[cfg(test)]
mod browser;
#[cfg(test)]
mod buildspecs;
#[cfg(test)]
mod calls;
#[cfg(test)]
mod cases_absent;
mod cases_commands;
#[cfg(test)]
mod cases_deploys;
#[cfg(test)]
mod cases_explain;
#[cfg(test)]
mod cases_git;
#[cfg(test)]
mod cases_git_forms;
#[cfg(test)]
mod cases_listed;
#[cfg(test)]
mod cases_marks;
#[cfg(test)]
mod cases_requests;
#[cfg(test)]
mod cases_rules;
#[cfg(test)]
mod cases_shells;
#[cfg(test)]
mod cases_sources;
#[cfg(test)]
mod cases_status;
#[cfg(test)]
mod cases_why;
#[cfg(test)]
mod certificates;
#[cfg(test)]
mod check;
#[cfg(test)]
mod checksums;
#[cfg(test)]
mod codebuild;
#[cfg(test)]
mod doctor;
#[cfg(test)]
mod documents;
#[cfg(test)]
mod edges;
#[cfg(test)]
mod engine;
#[cfg(test)]
mod engines;
#[cfg(test)]
mod faults;
#[cfg(test)]
mod generated;
#[cfg(test)]
mod help;
#[cfg(test)]
mod histories;
#[cfg(test)]
mod hostile;
#[cfg(test)]
mod init;
#[cfg(test)]
mod inputs;
#[cfg(test)]
mod kills;
#[cfg(test)]
mod lambda;
#[cfg(test)]
mod layering;
#[cfg(test)]
mod long;
#[cfg(test)]
mod maps;
#[cfg(test)]
mod moving;
#[cfg(test)]
mod observe;
#[cfg(test)]
mod on_engines;
#[cfg(test)]
mod oracle;
#[cfg(test)]
mod output_eval;
#[cfg(test)]
mod pages;
#[cfg(test)]
mod pipeline;
#[cfg(test)]
mod pipelines;
#[cfg(test)]
mod planted_tickets;
#[cfg(test)]
mod proxy;
#[cfg(test)]
mod pulls;
#[cfg(test)]
mod races;
#[cfg(test)]
mod readme;
#[cfg(test)]
mod release_spec;
#[cfg(test)]
mod replay;
#[cfg(test)]
mod rules_git;
#[cfg(test)]
mod rules_matcher;
#[cfg(test)]
mod rules_naive;
#[cfg(test)]
mod rules_oracle;
#[cfg(test)]
mod run;
#[cfg(test)]
mod schemas;
#[cfg(test)]
mod security_page;
#[cfg(test)]
mod setups;
#[cfg(test)]
mod stores;
#[cfg(test)]
mod strangers;
#[cfg(test)]
mod support;
#[cfg(test)]
mod trees;
#[cfg(test)]
mod two_steps;
#[cfg(test)]
mod upgrade;
#[cfg(test)]
mod wall;
#[cfg(test)]
mod zips;
