//! The TOML as it was typed.
