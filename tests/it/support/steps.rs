//! Deploys in a later stage of the pipeline, and a look at what is stored.

use std::process::{Command, Stdio};

use serde_json::Value;

use super::{Build, Done, World, run};

impl World {
    /// The address of the state.
    pub(crate) fn state(&self) -> &str {
        &self.place.url
    }

    /// What a program that is no world's needs to reach the state.
    pub(crate) fn variables(&self) -> impl Iterator<Item = (&'static str, String)> {
        self.place.variables()
    }

    /// The bytes of the mark of a service in the environment `default`.
    pub(crate) fn kept(&self, service: &str) -> Vec<u8> {
        self.place.mark(service).expect("a mark")
    }

    /// Whether a service has a mark in the environment `default`.
    pub(crate) fn has_mark(&self, service: &str) -> bool {
        self.place.mark(service).is_some()
    }

    /// Puts bytes in the place of the mark of a service, past the program.
    pub(crate) fn put_mark(&self, service: &str, bytes: impl AsRef<[u8]>) {
        self.place.put_mark(service, bytes.as_ref());
    }

    /// Edits the mark of a service in the environment `default`, past the program.
    pub(crate) fn edit_mark(&self, service: &str, edit: impl FnOnce(&mut Value)) {
        let mut mark = self.stored(service);
        edit(&mut mark);
        self.put_mark(service, mark.to_string());
    }

    /// The mark of a service as it is stored: whole, or this fails.
    pub(crate) fn stored(&self, service: &str) -> Value {
        let bytes = self.kept(service);
        serde_json::from_slice(&bytes).unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&bytes)))
    }

    /// The attempts in the mark of a service.
    pub(crate) fn attempts(&self, service: &str) -> Vec<Value> {
        self.stored(service)["attempts"].as_array().unwrap().clone()
    }

    /// Whether the last deploy of a service is certain.
    pub(crate) fn certain(&self, service: &str) -> bool {
        self.stored(service)["certain"].as_bool().unwrap()
    }

    /// Stages what the build has decided, and gives the value that its buildspec exports.
    pub(crate) fn stage(&self, build: &Build, args: &[&str]) -> String {
        let done = self.run_in(build, ["stage"].iter().chain(args));
        assert_eq!(done.code, 0, "{done:?}");
        exported(&done.stdout).expect("an export that can be evaluated")
    }

    /// A build that decides and stages a service whose input now is `text`.
    pub(crate) fn candidate(&self, build: &Build, service: &str, text: &str) -> String {
        self.write(&format!("{service}/x"), text);
        self.reason(build, service);
        self.stage(build, &[service])
    }

    /// `begin` or `promote` as a deploy stage has it: no source, no map, and nothing but the value.
    pub(crate) fn action(&self, action: &str, candidate: &str) -> Done {
        self.action_with(&Build::default(), &[action, "--candidate", candidate])
    }

    /// An action of a deploy stage, in a directory without source and map.
    pub(crate) fn action_with(&self, build: &Build, args: &[&str]) -> Done {
        run(self.action_command(build, args))
    }

    /// The same, for a test that runs it otherwise.
    pub(crate) fn action_command(&self, build: &Build, args: &[&str]) -> Command {
        let empty = self.path("empty");
        std::fs::create_dir_all(&empty).unwrap();
        let mut command = self.command(build);
        command.env_remove("SHIPMARK_STATE").current_dir(empty).args(args);
        command
    }

    /// A whole deploy stage that succeeds; gives what `promote` said.
    pub(crate) fn ship(&self, candidate: &str) -> String {
        let begun = self.action("begin", candidate);
        assert_eq!(begun.code, 0, "{begun:?}");
        let promoted = self.action("promote", candidate);
        assert_eq!(promoted.code, 0, "{promoted:?}");
        promoted.stderr
    }
}

/// What a shell exports after it has evaluated what `stage` printed; `None` where the evaluation fails.
pub(crate) fn exported(text: &str) -> Option<String> {
    let script = "eval \"$1\" || exit 1; sh -c 'printf %s \"$SHIPMARK_CANDIDATE\"'";
    let mut shell = Command::new("sh");
    let output = shell.args(["-c", script, "sh", text]).env_remove("SHIPMARK_CANDIDATE").stdin(Stdio::null()).output();
    let output = output.unwrap();
    output.status.success().then(|| String::from_utf8(output.stdout).unwrap())
}
