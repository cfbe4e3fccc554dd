//! What of a pipeline the template does not tell, and a mode in which marks have no order.

use crate::base::text::printable;
use crate::map::lint_codes::Code;
use crate::upkeep::template::node::Told;
use crate::upkeep::template::story::{Placed, Story};

pub(super) fn find(story: &Story<'_>) -> Vec<Placed> {
    let mut found = Vec::new();
    for stage in &story.stages {
        let name = printable(stage.stage.name.as_bytes());
        let unknown = stage.stage.unknown.iter();
        found.extend(
            unknown.map(|(at, why)| story.unknown(*at, format!("cannot read a part of the stage `{name}`: {why}"))),
        );
        for act in &stage.acts {
            let name = printable(act.action.name.as_bytes());
            let unknown = act.doing.unknown.iter();
            found.extend(
                unknown
                    .map(|(at, why)| story.unknown(*at, format!("cannot tell what the action `{name}` does: {why}"))),
            );
        }
    }
    if !story.uses_shipmark() {
        let message = format!("no action of the pipeline `{}` appears to call shipmark", story.name());
        let scripts = story.acts().filter_map(|act| act.doing.script.as_ref()).map(|(_, why)| why.clone());
        let hint = "call it in the buildspec itself, or check this pipeline by eye";
        found.push(story.unknown(story.pipeline.at, message).hint(hint).notes(scripts.collect()));
        return found;
    }
    found.extend(mode(story));
    found
}

fn mode(story: &Story<'_>) -> Option<Placed> {
    let mode = story.pipeline.properties.get("ExecutionMode");
    let at = mode.at_or(story.pipeline.at);
    match mode.told() {
        Told::Known("PARALLEL") => {
            let message = format!("executions of the pipeline `{}` write marks and run in no order", story.name());
            let line = story.template.notation.pair("ExecutionMode", "QUEUED");
            Some(story.found(Code::ParallelMarks, at, message).hint(format!("write `{line}`")))
        }
        Told::Unknown(why) => Some(story.unknown(at, format!("cannot tell the execution mode: {why}"))),
        Told::Absent | Told::Known(_) => None,
    }
}
