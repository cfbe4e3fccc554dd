//! Checked names: each type has a single constructor, so code that holds a name can rely on its alphabet.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The environment of the keys that `doctor` writes and removes again. No deploy is recorded there.
pub const SCRATCH_ENVIRONMENT: &str = "shipmark-doctor";

/// Why a text is not a valid name. The message names the text and the alphabet.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NameError {
    /// The text is empty: usually an unset shell variable.
    #[error("the {what} is empty")]
    Empty {
        /// What the text was meant to be, e.g. `service name`.
        what: &'static str,
    },
    /// The text has a character outside the alphabet.
    #[error("`{text}` is not a valid {what}: {rule}")]
    Alphabet {
        /// What the text was meant to be.
        what: &'static str,
        /// The offending text.
        text: String,
        /// The alphabet, in words.
        rule: &'static str,
    },
    /// The text is too long.
    #[error("the {what} is longer than {most} bytes")]
    Long {
        /// What the text was meant to be.
        what: &'static str,
        /// How long it may be, in bytes.
        most: usize,
    },
    /// An output name that would overwrite a variable that controls the shell, the build or this tool.
    #[error("an output may not be called `{text}`: `{reserved}` is reserved")]
    Reserved {
        /// The offending text.
        text: String,
        /// The reserved name or prefix that it matches.
        reserved: &'static str,
    },
}

macro_rules! name {
    ($(#[$doc:meta])* $name:ident, $what:literal, $check:expr) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// Checks the text and keeps it.
            pub fn new(text: impl Into<String>) -> Result<Self, NameError> {
                let text = text.into();
                if text.is_empty() {
                    return Err(NameError::Empty { what: $what });
                }
                let check: fn(&str) -> Result<(), NameError> = $check;
                check(&text)?;
                Ok(Self(text))
            }

            /// The name as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl TryFrom<String> for $name {
            type Error = NameError;
            fn try_from(text: String) -> Result<Self, NameError> {
                Self::new(text)
            }
        }

        impl From<$name> for String {
            fn from(name: $name) -> String {
                name.0
            }
        }
    };
}

name!(
    /// The name of a service: `[A-Za-z0-9][A-Za-z0-9._-]*`.
    ServiceName,
    "service name",
    |text| {
        let mut bytes = text.bytes();
        let first = bytes.next().is_some_and(|b| b.is_ascii_alphanumeric());
        if first && bytes.all(|b| b.is_ascii_alphanumeric() || b"._-".contains(&b)) {
            return Ok(());
        }
        Err(NameError::Alphabet {
            what: "service name",
            text: text.to_owned(),
            rule: "it starts with a letter or digit and has only letters, digits, `.`, `_` and `-`",
        })
    }
);

name!(
    /// The name of a recorded output: `[A-Za-z_][A-Za-z0-9_]*`, except names that control a shell or a build.
    OutputName,
    "output name",
    |text| {
        let mut bytes = text.bytes();
        let first = bytes.next().is_some_and(|b| b.is_ascii_alphabetic() || b == b'_');
        if !(first && bytes.all(|b| b.is_ascii_alphanumeric() || b == b'_')) {
            return Err(NameError::Alphabet {
                what: "output name",
                text: text.to_owned(),
                rule: "it starts with a letter or `_` and has only letters, digits and `_`",
            });
        }
        match reserved_variable(text) {
            Some(reserved) => Err(NameError::Reserved { text: text.to_owned(), reserved }),
            None => Ok(()),
        }
    }
);

name!(
    /// The name of an environment: any text of at most [`EnvironmentName::MOST_BYTES`] without control characters,
    /// because branch names such as `feature/x` are common.
    EnvironmentName,
    "environment name",
    |text| match text.len() > EnvironmentName::MOST_BYTES {
        true => Err(NameError::Long { what: "environment name", most: EnvironmentName::MOST_BYTES }),
        false => no_control("environment name", text),
    }
);

name!(
    /// The name of a project: the first part of every key in the store.
    ProjectName,
    "project name",
    |text| no_control("project name", text)
);

impl ServiceName {
    /// The name as part of a shell variable: ASCII letters in upper case, everything but letters and digits replaced by
    /// `_`.
    pub fn variable(&self) -> String {
        let part = |c: char| if c.is_ascii_alphanumeric() { c.to_ascii_uppercase() } else { '_' };
        self.0.chars().map(part).collect()
    }
}

impl OutputName {
    /// The variable that carries this output of `service`, e.g. `IMAGE_URI_COMMAND`.
    ///
    /// # Errors
    /// The composed name is reserved, or controls another program: output `LD` of a service `preload` would be
    /// `LD_PRELOAD`, output `GIT_SSH` of a service `command` would be `GIT_SSH_COMMAND`.
    pub fn variable(&self, service: &ServiceName) -> Result<String, NameError> {
        let text = format!("{}_{}", self.0, service.variable());
        match reserved_variable(&text).or_else(|| steering_variable(&text)) {
            Some(reserved) => Err(NameError::Reserved { text, reserved }),
            None => Ok(text),
        }
    }
}

impl EnvironmentName {
    /// The maximum length of a name. Patterns can contain it as `${environment}`, and their length is limited too; git
    /// hosts limit branch names to about 250 bytes.
    pub const MOST_BYTES: usize = 1024;
}

impl Default for EnvironmentName {
    fn default() -> Self {
        Self("default".to_owned())
    }
}

impl Default for ProjectName {
    fn default() -> Self {
        Self("default".to_owned())
    }
}

/// The reserved name or prefix that `variable` matches, if any. Setting one of these from recorded data could run code
/// in the shell that evaluates the decisions, or change how it behaves.
pub fn reserved_variable(variable: &str) -> Option<&'static str> {
    const PREFIXES: [&str; 5] = ["BUILD_", "SHIPMARK_", "AWS_", "CODEBUILD_", "LD_"];
    // The second row lists variables that shells own. Bash runs commands in `PS4` under `set -x`; others cannot be set
    // at all.
    const NAMES: [&str; 17] = [
        "PATH",
        "IFS",
        "ENV",
        "BASH_ENV", //
        "PS4",
        "PROMPT_COMMAND",
        "SHELLOPTS",
        "BASHOPTS",
        "UID",
        "EUID",
        "PPID",
        "OPTIND",
        "CDPATH",
        "HOME",
        "PWD",
        "OLDPWD",
        "_",
    ];
    PREFIXES
        .into_iter()
        .find(|prefix| variable.starts_with(prefix))
        .or_else(|| NAMES.into_iter().find(|name| variable == *name))
}

/// The variable or prefix that `variable` matches of those by which common programs are made to run code. An output may
/// have such a name if the map declares it, but must not get one by the name of a service.
fn steering_variable(variable: &str) -> Option<&'static str> {
    const PREFIXES: [&str; 3] = ["DYLD_", "NPM_CONFIG_", "npm_config_"];
    const NAMES: [&str; 20] = [
        "GIT_ASKPASS",
        "GIT_CONFIG",
        "GIT_CONFIG_COUNT",
        "GIT_CONFIG_GLOBAL",
        "GIT_CONFIG_SYSTEM",
        "GIT_EDITOR",
        "GIT_EXEC_PATH",
        "GIT_EXTERNAL_DIFF",
        "GIT_PAGER",
        "GIT_PROXY_COMMAND",
        "GIT_SSH_COMMAND",
        "GIT_TEMPLATE_DIR",
        "NODE_OPTIONS",
        "NODE_PATH",
        "JAVA_TOOL_OPTIONS",
        "JDK_JAVA_OPTIONS",
        "MAVEN_OPTS",
        "GRADLE_OPTS",
        "SSH_ASKPASS",
        "DOCKER_HOST",
    ];
    PREFIXES
        .into_iter()
        .find(|prefix| variable.starts_with(prefix))
        .or_else(|| NAMES.into_iter().find(|name| variable == *name))
}

fn no_control(what: &'static str, text: &str) -> Result<(), NameError> {
    if text.chars().any(char::is_control) {
        let text = text.escape_debug().to_string();
        return Err(NameError::Alphabet { what, text, rule: "it has a control character" });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn service_names_have_an_alphabet() {
        for good in ["a", "svc-a", "svc.a_b-c", "9lives"] {
            assert_eq!(ServiceName::new(good).unwrap().as_str(), good);
        }
        for bad in ["", "-a", ".a", "_a", "a b", "a/b", "é", "a\n"] {
            assert!(ServiceName::new(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn environments_may_be_called_almost_anything() {
        let most = EnvironmentName::MOST_BYTES;
        for good in ["feature/x y", "é", &"x".repeat(most)] {
            assert_eq!(EnvironmentName::new(good).unwrap().as_str(), good);
        }
        for bad in ["", "a\n", &"x".repeat(most + 1)] {
            assert!(EnvironmentName::new(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn outputs_cannot_steer_the_shell() {
        for bad in [
            "PATH",
            "BUILD_SKIPPED",
            "LD_PRELOAD",
            "AWS_REGION",
            "IFS",
            "ENV",
            "BASH_ENV",
            "SHIPMARK_STATE",
            "1A",
            "A-B",
        ] {
            assert!(OutputName::new(bad).is_err(), "{bad}");
        }
        let preload = ServiceName::new("preload").unwrap();
        assert!(OutputName::new("LD").unwrap().variable(&preload).is_err());
        let command = ServiceName::new("command").unwrap();
        assert!(OutputName::new("GIT_SSH").unwrap().variable(&command).is_err());
        assert!(OutputName::new("NODE").unwrap().variable(&ServiceName::new("options").unwrap()).is_err());
        assert_eq!(OutputName::new("GIT_SHA").unwrap().variable(&command).unwrap(), "GIT_SHA_COMMAND");
        assert_eq!(OutputName::new("IMAGE_URI").unwrap().variable(&preload).unwrap(), "IMAGE_URI_PRELOAD");
    }

    #[test]
    fn only_ascii_is_upper_cased() {
        assert_eq!(ServiceName::new("svc-a.b").unwrap().variable(), "SVC_A_B");
    }
}
