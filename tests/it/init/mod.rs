//! `init`: the map that it drafts, beside maps that people wrote for the same files.

mod command;
mod copied;
mod systems;
mod monorepos;
mod observed;
mod published;
mod score;
