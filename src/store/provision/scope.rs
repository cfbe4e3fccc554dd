//! Which environments a policy is for.

use crate::base::key::encode;
use crate::base::names::EnvironmentName;
use crate::base::names::SCRATCH_ENVIRONMENT;

/// The environments that a role may touch.
#[derive(Debug, Default)]
pub struct KeyScope {
    /// Names, or patterns in which `*` matches anything. None: all of the project.
    pub environments: Vec<EnvironmentName>,
    /// Environments whose deploys are reused in those, and which are only read.
    pub reused: Vec<EnvironmentName>,
}

/// Partition keys of a table, or prefixes of a bucket's keys, in IAM's syntax.
pub(super) struct ScopedKeys {
    /// What a laptop reads, and a build reads and writes.
    pub(super) own: Vec<String>,
    /// The scratch keys of `doctor`, unless `own` covers them.
    pub(super) doctor: Option<String>,
    /// What is only read.
    pub(super) elsewhere: Vec<String>,
    /// Whether any of them has a wildcard.
    pub(super) wild: bool,
}

impl KeyScope {
    /// The keys, each from the project's `prefix` to `end`.
    pub(super) fn keys(&self, prefix: &str, end: &str) -> ScopedKeys {
        let all = |names: &[EnvironmentName]| -> Vec<String> {
            names.iter().map(|name| format!("{prefix}{}{end}", key(name.as_str()))).collect()
        };
        if self.environments.is_empty() {
            let own = vec![format!("{prefix}*")];
            return ScopedKeys { own, doctor: None, elsewhere: Vec::new(), wild: true };
        }
        let doctor = Some(format!("{prefix}{SCRATCH_ENVIRONMENT}{end}"));
        let wild = self.environments.iter().any(|name| name.as_str().contains('*'));
        ScopedKeys { own: all(&self.environments), doctor, elsewhere: all(&self.reused), wild }
    }

    /// What the reader must know of it.
    pub(super) fn note(&self) -> String {
        match self.environments.as_slice() {
            [] => "warning: the policies span all environments of the project: whoever may deploy to one can change what is \
                   recorded for another; print them for each with --environment NAME (or a pattern such as 'pr-*')"
                .to_owned(),
            names => {
                let names: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
                format!("the policies are for {}, and `doctor` may try its own keys", crate::base::text::list(&names))
            }
        }
    }
}

/// An environment's part of a key. A `*` stays one; the rest is encoded as if something stood in its place, since dots
/// are kept only inside a name. Where nothing does, that name is not covered.
fn key(name: &str) -> String {
    const FILLER: &str = "_";
    let parts: Vec<&str> = name.split('*').collect();
    let last = parts.len() - 1;
    let encoded = parts.iter().enumerate().map(|(at, part)| {
        let (before, after) = (if at > 0 { FILLER } else { "" }, if at < last { FILLER } else { "" });
        let whole = encode(&format!("{before}{part}{after}"));
        whole[before.len()..whole.len() - after.len()].to_owned()
    });
    encoded.collect::<Vec<_>>().join("*")
}

#[cfg(test)]
mod tests {
    use super::key;

    #[test]
    fn only_a_star_is_a_wildcard() {
        for (name, expected) in [
            ("prod", "prod"),
            ("pr-*", "pr-*"),
            ("eu/prod?", "eu%2Fprod%3F"),
            ("v1.*", "v1.*"),
            ("*.x", "*.x"),
            (".x", "%2Ex"),
        ] {
            assert_eq!(key(name), expected);
        }
    }
}
