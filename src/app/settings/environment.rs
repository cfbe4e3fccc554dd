//! The environment variables: CodeBuild's and our own.

use std::path::PathBuf;

use super::{empty, given};
use crate::base::failure::Failure;
use crate::protocol::mark::Build;

/// The environment variables. CodeBuild's are documented under "Environment variables in build environments".
#[derive(Debug, Default, Clone)]
pub struct Environment {
    /// `CODEBUILD_BUILD_ID`: set inside a build.
    pub build_id: Option<String>,
    /// `CODEBUILD_SRC_DIR`.
    pub source_directory: Option<String>,
    /// `CODEBUILD_INITIATOR`.
    pub initiator: Option<String>,
    /// `CODEBUILD_RESOLVED_SOURCE_VERSION`: a commit, an S3 version id, or unset.
    pub source_version: Option<String>,
    /// Whether `CODEBUILD_BUILD_SUCCEEDING` is `0`: a phase of this build has failed.
    pub build_failing: bool,
    pub(super) state: Option<String>,
    pub(super) environment: Option<String>,
    force: Option<String>,
    execution: Option<String>,
    /// The logged-in user, as far as the environment says.
    pub user: Option<String>,
    /// The temporary directory.
    pub temporary: PathBuf,
    /// Whether colours are unwanted (<https://no-color.org>).
    pub no_color: bool,
}

impl Environment {
    /// Reads the process's environment.
    ///
    /// # Errors
    /// A `SHIPMARK_` variable is set but empty, or is not UTF-8: more likely a mistake than intended.
    #[expect(clippy::disallowed_methods, reason = "this is the one place")]
    pub fn read() -> Result<Self, Failure> {
        let own = |name: &'static str| match std::env::var(name) {
            Ok(value) if value.is_empty() => Err(empty(name)),
            Ok(value) => Ok(Some(value)),
            Err(std::env::VarError::NotPresent) => Ok(None),
            Err(error) => Err(Failure::request(format!("the variable {name} cannot be used: {error}"))),
        };
        let other = |name: &str| {
            let value = std::env::var_os(name).map(|value| value.to_string_lossy().into_owned());
            value.filter(|value| !value.is_empty())
        };
        Ok(Self {
            build_id: other("CODEBUILD_BUILD_ID"),
            source_directory: other("CODEBUILD_SRC_DIR"),
            initiator: other("CODEBUILD_INITIATOR"),
            source_version: other("CODEBUILD_RESOLVED_SOURCE_VERSION"),
            build_failing: other("CODEBUILD_BUILD_SUCCEEDING").as_deref() == Some("0"),
            state: own("SHIPMARK_STATE")?,
            environment: own("SHIPMARK_ENVIRONMENT")?,
            force: own("SHIPMARK_FORCE")?,
            execution: own("SHIPMARK_EXECUTION")?,
            user: other("USER").or_else(|| other("LOGNAME")).or_else(|| other("USERNAME")),
            temporary: std::env::temp_dir(),
            no_color: other("NO_COLOR").is_some(),
        })
    }

    /// Whether this is a CodeBuild build.
    pub fn in_build(&self) -> bool {
        self.build_id.is_some()
    }

    /// `--force` or `SHIPMARK_FORCE`.
    ///
    /// # Errors
    /// The variable is not one of `1`, `true`, `0`, `false`.
    pub fn force(&self, flag: bool) -> Result<bool, Failure> {
        match self.force.as_deref() {
            None | Some("0" | "false") => Ok(flag),
            Some("1" | "true") => Ok(true),
            Some(other) => {
                Err(Failure::request(format!("SHIPMARK_FORCE is `{other}`")).hint("set it to 1, true, 0 or false"))
            }
        }
    }

    /// The current build, with the execution from the flag or `SHIPMARK_EXECUTION`.
    ///
    /// # Errors
    /// The flag is empty.
    pub fn build(&self, execution: Option<&str>) -> Result<Build, Failure> {
        let execution = given("--execution", execution)?.map(str::to_owned).or_else(|| self.execution.clone());
        Ok(Build { id: self.build_id.clone(), initiator: self.initiator.clone(), execution })
    }
}
