//! The commands: the order of effects, and nothing else.

mod context;
mod evidence;
mod subject;
mod answers;
mod decide;
mod prune;
mod recording;
mod record;
mod stage;
mod deploy;
