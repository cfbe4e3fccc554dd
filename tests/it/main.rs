//! The integration tests, as one program: each module tells one story about the built binary.

#[cfg(test)]
mod histories;
#[cfg(test)]
mod oracle;
