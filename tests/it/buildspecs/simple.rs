//! `simple.yml`: one project, one service, one command.

use super::cases::Subject;
use super::{Outcome, Site, example};
use crate::codebuild::{Shell, shells};

pub(super) const DEPLOY: &str = "#!/bin/sh
set -eu
cd \"services/$1\"
npm ci
npm run build
zip -qr \"$1.zip\" dist
aws lambda update-function-code --function-name \"$1\" --zip-file \"fileb://$1.zip\"
";

/// A shop with the three services of the examples' map.
pub(super) fn shop(shell: Shell) -> Site {
    let files = ["services/api/src/x", "services/worker/src/x", "services/web/src/x"].map(|path| (path, "1"));
    let site = Site::new(shell, &example("shipmark.toml"), &files, &[]);
    site.script("deploy.sh", DEPLOY);
    site
}

fn subject(spec: &str) -> Subject<'_> {
    Subject {
        spec,
        truth: &[("api/x", "services/api/src/x")],
        own: "services/api/src/x",
        other: "services/worker/src/x",
        builds: "npm run build",
        deploys: "aws lambda update-function-code",
        unreachable: Outcome::Fails,
    }
}

#[test]
fn simple_lives_through_all_cases() {
    for shell in shells() {
        subject(&example("simple.yml")).play(&shop(shell));
    }
}
