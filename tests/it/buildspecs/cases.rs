//! What every buildspec that decides and deploys in one build must live through.

use super::{Outcome, Site};
use Outcome::{Deploys, Fails, Skips};

/// A buildspec in a site, and what to look at.
pub(super) struct Subject<'a> {
    pub(super) spec: &'a str,
    /// What is deployed, and of which file of the source: of the service.
    pub(super) truth: &'a [(&'a str, &'a str)],
    /// A file of the service, which is in `truth`.
    pub(super) own: &'a str,
    /// A file of another service.
    pub(super) other: &'a str,
    /// The command that builds, and the one that deploys.
    pub(super) builds: &'a str,
    pub(super) deploys: &'a str,
    /// What a build ends with that cannot read the state: it builds, and may not be able to record.
    pub(super) unreachable: Outcome,
}

impl Subject<'_> {
    fn expect(&self, site: &Site, outcome: Outcome, what: &str) {
        assert_eq!(site.outcome(self.spec), outcome, "{what}, under {:?}", site.shell);
        if outcome != Fails {
            site.agrees(self.truth);
        }
    }

    /// All the cases, one after the other, from a first run on.
    pub(super) fn play(&self, site: &Site) {
        let own = |text: &str| site.world.write(self.own, text);
        self.expect(site, Deploys, "the first run");
        self.expect(site, Skips, "nothing changed");
        site.world.write(self.other, "another's 2");
        self.expect(site, Skips, "only another service changed");
        own("2");
        self.expect(site, Deploys, "this service changed");
        self.expect(site, Skips, "nothing changed since");

        own("3");
        self.failing(site, "FAILS", self.builds, "the build fails");
        site.agrees_not(self.truth);
        site.world.write(self.other, "another's 3");
        self.expect(site, Deploys, "a build that failed is made again, whatever else was committed");

        own("4");
        self.failing(site, "FAILS", self.deploys, "the deploy fails");
        self.expect(site, Deploys, "the retry of a deploy that failed");
        self.expect(site, Skips, "nothing changed since the retry");

        own("5");
        self.failing(site, "BREAKS", self.deploys, "the deploy fails when it is done");
        own("4");
        self.expect(site, Deploys, "a revert of what failed half-way is deployed");
        own("2");
        self.expect(site, Deploys, "an older content is a change");
        self.expect(site, Skips, "and then nothing changed");
        self.doubts(site);
    }

    fn failing(&self, site: &Site, how: &str, command: &str, what: &str) {
        site.with(&[(how, command)], |site| self.expect(site, Fails, what));
        assert!(site.did(command), "{what}: `{command}` was not even called");
    }

    /// No state, no program, a forced build: none of them is a skip.
    fn doubts(&self, site: &Site) {
        let nowhere = site.unreachable();
        site.with(&[("SHIPMARK_STATE", &nowhere)], |site| {
            self.expect(site, self.unreachable, "the state cannot be read");
            assert!(site.did(self.builds), "no state, no skip");
        });
        let path = site.path_without_shipmark();
        site.with(&[("PATH", &path)], |site| {
            self.expect(site, Fails, "the program is missing");
            let spec = self.spec.replace("  pre_build:\n", "  pre_build:\n    on-failure: CONTINUE\n");
            if spec != self.spec {
                assert_eq!(site.outcome(&spec), Fails, "it is still missing");
                assert!(site.did(self.builds), "without a decision everything is built");
            }
        });
        site.with(&[("SHIPMARK_FORCE", "1")], |site| self.expect(site, Deploys, "a forced build"));
        self.expect(site, Skips, "after a forced build");
        let executions = [("SHIPMARK_EXECUTION", "e-1")];
        site.with(&[("SHIPMARK_FORCE", "1"), executions[0]], |site| self.expect(site, Deploys, "an execution"));
        site.with(&executions, |site| self.expect(site, Deploys, "a retry of all its actions"));
        site.with(&[("SHIPMARK_EXECUTION", "e-2")], |site| self.expect(site, Skips, "another execution"));
    }
}

impl Site {
    /// What is deployed is not what lies in the source.
    pub(super) fn agrees_not(&self, pairs: &[(&str, &str)]) {
        let differs = |(deployed, source): &(&str, &str)| {
            self.deployed(deployed) != std::fs::read_to_string(self.world.source().join(source)).ok()
        };
        assert!(pairs.iter().any(differs), "the build failed, and its content is deployed");
    }
}
