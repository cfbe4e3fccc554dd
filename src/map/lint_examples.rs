//! For each lint, what it finds and what to write instead, as docs/lints.md and `check --explain CODE` show it.

use super::lint_codes::Code;

/// Lines of a map, a Dockerfile or a list of files.
#[derive(Debug, PartialEq, Eq)]
pub struct Example {
    /// What is found.
    pub before: &'static str,
    /// What is not.
    pub after: &'static str,
}

/// The example of a lint; `None` where one line of advice says all.
pub fn example(code: Code) -> Option<Example> {
    let (before, after) = match code {
        Code::Expect => (
            "[[expect]]\nchanged = [\"libs/db/x.rs\"]\nbuilds = [\"api\"]            # and worker has libs/** too",
            "[[expect]]\nchanged = [\"libs/db/x.rs\"]\nbuilds = [\"api\", \"worker\"]",
        ),
        Code::NoInputs => {
            ("[services.api]\ninclude = [\"service/api/**\"]", "[services.api]\ninclude = [\"services/api/**\"]")
        }
        Code::DeadPattern => (
            "include = [\"api/**\", \"lib/db/**\"]        # moved to libs/db",
            "include = [\"api/**\", \"libs/db/**\"]",
        ),
        Code::DeadEnvironment => (
            "include = [\"deploy/${environment}.yaml\"]  # there are dev.yaml and prod.yaml",
            "environments = [\"dev\", \"prod\"]           # at the top of the map",
        ),
        Code::WrongCase => ("include = [\"Services/api/**\"]", "include = [\"services/api/**\"]"),
        Code::BracketName => ("include = ['app/[slug]/**']", r"include = ['app/\[slug\]/**']"),
        Code::UnicodeForm => (
            "include = [\"cafe\u{301}/**\"]            # the e and its accent are two characters, those of the directory one",
            "include = [\"caf\u{e9}/**\"]             # copied from `git -c core.quotePath=false ls-files`",
        ),
        Code::ExcludedInclude => (
            "include = [\"api/**\", \"api/docs/**\"]\nexclude = [\"**/docs/**\"]",
            "include = [\"api/**\"]\nexclude = [\"**/docs/**\"]",
        ),
        Code::DuplicatePattern => {
            ("include = [\"api/**\", \"libs/db/**\", \"api/**\"]", "include = [\"api/**\", \"libs/db/**\"]")
        }
        Code::CoveredPattern => ("include = [\"api/**\", \"api/src/**\"]", "include = [\"api/**\"]"),
        Code::DeadExclude => ("include = [\"api/**\"]\nexclude = [\"web/dist/**\"]", "include = [\"api/**\"]"),
        Code::UnusedGroup => (
            "[groups]\nproto = [\"proto/**\"]\n[services.api]\ninclude = [\"api/**\"]",
            "[groups]\nproto = [\"proto/**\"]\n[services.api]\ninclude = [\"api/**\"]\ngroups = [\"proto\"]",
        ),
        Code::Unowned => (
            "[services.api]\ninclude = [\"api/**\"]             # and there is docs/guide.md",
            "[defaults]\nexclude = [\"docs/**\"]\n[services.api]\ninclude = [\"api/**\"]",
        ),
        Code::PassedOn => (
            "[services.command]                 # its buildspec deploys with QueryImage=$IMAGE_URI_QUERY\ninclude = [\"command/**\"]",
            "[services.command]\ninclude = [\"command/**\"]\nredeploys = [\"query\"]",
        ),
        Code::CaseCollision => ("api/Config.json\napi/config.json", "api/config.json"),
        Code::DockerfileMissing => ("dockerfile = \"api/Dockerfle\"", "dockerfile = \"api/Dockerfile\""),
        Code::DockerfileNotInput => (
            "include = [\"api/src/**\"]\ndockerfile = \"docker/api.Dockerfile\"",
            "include = [\"api/src/**\", \"docker/api.Dockerfile\"]\ndockerfile = \"docker/api.Dockerfile\"",
        ),
        Code::CopiedNotInput => (
            "include = [\"api/**\"]\ndockerfile = \"api/Dockerfile\"   # COPY libs /app/libs\ncontext = \".\"",
            "include = [\"api/**\", \"libs/**\"]\ndockerfile = \"api/Dockerfile\"\ncontext = \".\"",
        ),
        Code::CopiedExcluded => (
            "[defaults]\nexclude = [\"**/*.md\"]             # and api/Dockerfile has COPY . .",
            "[defaults]\nexclude = [\"docs/**\"]             # or the line `**/*.md` in api/.dockerignore",
        ),
        Code::CopiesNothing => (
            "dockerfile = \"api/Dockerfile\"      # COPY api/src ./src",
            "dockerfile = \"api/Dockerfile\"\ncontext = \".\"",
        ),
        Code::PulledIn => (
            "[services.api]\ninclude = [\"api/**\"]             # api/Cargo.toml: db = { path = \"../libs/db\" }",
            "[services.api]\ninclude = [\"api/**\", \"libs/db/**\"]",
        ),
        Code::DockerfileUnclear => ("ARG APP\nCOPY ${APP} /srv", "ARG APP=api\nCOPY ${APP} /srv"),
        Code::FloatingBase => ("FROM node:22", "FROM node:22@sha256:DIGEST"),
        Code::UnpinnedBase => ("FROM node:22.11.0", "FROM node:22.11.0@sha256:DIGEST"),
        Code::RemoteAdd => (
            "ADD https://example.com/tool.tar.gz /opt/",
            "ADD --checksum=sha256:DIGEST https://example.com/tool.tar.gz /opt/",
        ),
        Code::ExportSubst => {
            ("version.txt export-subst            # .gitattributes", "# no attribute, or version.txt excluded")
        }
        _ => return None,
    };
    Some(Example { before, after })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::map::lint_codes::LINTS;

    #[test]
    fn an_example_shows_a_difference() {
        let examples: Vec<Example> = LINTS.iter().filter_map(|lint| example(lint.code)).collect();
        assert!(examples.len() > 20);
        assert!(examples.iter().all(|example| example.before != example.after));
    }
}
